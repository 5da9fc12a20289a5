# SPDX-License-Identifier: LGPL-2.1-or-later
"""What became of the rows: a line as each one ends, and all of them at the end."""

import pathlib
import threading
import time

from uclab.process import LabError

from rows import ROWS

CONSOLE_LINES = 30


class Table:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.lines = {}
        self.lock = threading.Lock()
        self.failures = {}

    def play(self, row, room):
        """One row; one that needs what a failed one leaves behind is not played."""
        lacking = [name for name in row.after if name in self.failures]
        began = time.monotonic()
        if lacking:
            self.note(row, "not run", 0, f"needs: {lacking[0]}")
            return
        try:
            told = row.play(room)
        except (LabError, AssertionError, OSError, KeyError, ValueError) as error:
            self.note(row, "FAILED", time.monotonic() - began, f"{type(error).__name__}: {error}")
            self.show_consoles(room)
        else:
            self.note(row, "passed", time.monotonic() - began, told or "")
        self.save_journals(row, room)

    def note(self, row, result, secs, told):
        if result != "passed":
            self.failures[row.name] = told
        text = f"{result:8} {secs:5.0f} s  {row.name:12} {row.title}\n" + "".join(
            f"                   {line}\n" for line in told.splitlines())
        with self.lock:
            self.lines[row.name] = (result, secs, row.title)
            print(text, end="", flush=True)

    def show_consoles(self, room):
        for machine in (room.mirror, room.panel):
            if machine.console.exists():
                print(f"--- the end of {machine.console}")
                print("\n".join(machine.console_text().splitlines()[-CONSOLE_LINES:]), flush=True)

    def save_journals(self, row, room):
        """As far as the machines still answer."""
        try:
            room.save_journals(row.name)
        except (LabError, OSError) as error:
            print(f"the journals could not be read: {error}", flush=True)

    def passed(self):
        return not self.failures

    def finish(self, build_secs, play_secs):
        """In the order in which the rows are described, whenever they were played."""
        lines = [(row.name, *self.lines[row.name]) for row in ROWS if row.name in self.lines]
        text = "| row | result | s | what |\n| --- | --- | --- | --- |\n" + "".join(
            f"| `{name}` | {result} | {row_secs:.0f} | {title} |\n"
            for name, result, row_secs, title in lines)
        good = sum(result == "passed" for _, result, _, _ in lines)
        text += (f"\n{good} passed, {len(lines) - good} failed; the rows take "
                 f"{sum(secs for _, _, secs, _ in lines):.0f} s one by one, "
                 f"{play_secs:.0f} s in two rooms side by side, and the disks {build_secs:.0f} s\n")
        (self.directory / "table.md").write_text(text, encoding="utf-8")
        print(f"\n{text}\nThe consoles and journals are in {self.directory}/run.", flush=True)
