# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures of one benchmark: a table for people, and a line of JSON for contrib/bench.

A ratio is ours divided by the peer's, of whatever the unit is. UC_BENCH_QUICK=1 asks for a short run,
whose figures say that everything works and little more.
"""

import json
import os
import pathlib

MARK = "BENCH "
QUICK = os.environ.get("UC_BENCH_QUICK") == "1"


def load():
    """How many processes wanted to run in the last minute: other work makes figures worthless."""
    return float(pathlib.Path("/proc/loadavg").read_text().split()[0])


def status_kib(pid, key):
    """VmHWM (peak) or VmRSS (at present) of a process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    return 0


def cpu_secs(pid):
    """User and system time of a process with all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def short(value):
    """A number as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.3g}"


def cells(row):
    """What a row shows: measure, ours, peer, the peer's, ratio, goal, whether it was met."""
    met = {None: "", True: "yes", False: "**no**"}[row["met"]]
    return [row["what"], f"{short(row['value'])} {row['unit']}".strip(), row["peer"],
            f"{short(row['peer_value'])} {row['unit']}".strip() if row["peer"] else "",
            f"{row['ratio']:.2f}" if row["ratio"] is not None else "", row["goal"], met]


HEAD = ["measure", "ours", "peer", "the peer's", "ratio", "goal", "met"]


def markdown(rows, head=tuple(HEAD)):
    """A table in Markdown, with columns that also line up in a terminal."""
    lines = [list(head)] + [list(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
            for line in lines]
    text.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(text)


class Figures:
    """Rows are added as they are measured; end() prints them."""

    def __init__(self, name):
        self.name, self.rows, self.load = name, [], load()

    def add(self, what, value, unit="", peer="", peer_value=None, most=None, least=None, must=False):
        """The goal is for the ratio where there is a peer, else for the value.

        What must be met makes the benchmark fail: nothing that depends on other work at the time.
        """
        ratio = value / peer_value if peer_value else None
        judged = value if ratio is None else ratio
        met, goal = None, ""
        if most is not None:
            met, goal = judged <= most, f"≤ {short(most)}"
        elif least is not None:
            met, goal = judged >= least, f"≥ {short(least)}"
        self.rows.append({"what": what, "value": value, "unit": unit, "peer": peer,
                          "peer_value": peer_value, "ratio": ratio, "goal": goal, "met": met,
                          "must": must})

    def end(self):
        """Prints everything; the exit status is 1 if something that must be met was not."""
        print(f"{self.name}: load {self.load:.1f} before, {load():.1f} after")
        print(markdown([cells(row) for row in self.rows]))
        print(MARK + json.dumps({"name": self.name, "load": self.load, "load_after": load(),
                                 "quick": QUICK, "rows": self.rows}, ensure_ascii=False),
              flush=True)
        return int(any(row["must"] and not row["met"] for row in self.rows))
