# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds two machines from Debian packages, lets them live through what rooms do, prints a table.

Run by contrib/check-machine.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))

# pylint: disable=wrong-import-position
from disks import Disks
from room import Room
from rows import ROWS
from table import Table


def parse():
    parser = argparse.ArgumentParser(prog="contrib/check-machine")
    parser.add_argument("--debs", type=pathlib.Path, required=True)
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    parser.add_argument("--build-only", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def play(table, room, rows):
    try:
        for row in rows:
            table.play(row, room)
    finally:
        room.stop()


def play_rows(table, room, names, again):
    """One after the other as long as each needs the one before, then in two rooms side by side."""
    rows = [row for row in ROWS if not names or row.name in names or (row.needed and not again)]
    if not again:
        play(table, room, [row for row in rows if row.lane == 0])
    rooms = {1: room, 2: room.twin("second")}
    with concurrent.futures.ThreadPoolExecutor(len(rooms)) as pool:
        for done in [pool.submit(play, table, rooms[lane],
                                 [row for row in rows if row.lane == lane]) for lane in rooms]:
            done.result()
    play(table, room, [row for row in rows if row.lane == 3])


def main():
    options = parse()
    table = Table(options.directory)
    disks = Disks(options.directory / "disks", options.debs)
    began = time.monotonic()

    def say(text):
        print(f"  {time.monotonic() - began:6.0f} s  {text}", flush=True)

    if not options.again:
        disks.build(say)
    if options.build_only:
        return 0
    built = time.monotonic()
    play_rows(table, Room(options.directory / "run", disks), options.names, options.again)
    table.finish(built - began, time.monotonic() - built)
    return 0 if table.passed() else 1


sys.exit(main())
