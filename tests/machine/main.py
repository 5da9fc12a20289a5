# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds two machines from Debian packages, lets them live through what rooms do, prints a table.

Run by contrib/check-machine.
"""

import argparse
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


def main():
    options = parse()
    table = Table(options.directory)
    disks = Disks(options.directory / "disks", options.debs)
    began = time.monotonic()

    def say(text):
        print(f"  {time.monotonic() - began:6.0f} s  {text}", flush=True)

    disks.build(say)
    if options.build_only:
        return 0
    room = Room(options.directory / "run", disks)
    try:
        if options.again:
            room.resume_mirror("updated")
        for row in ROWS:
            needed = row.needed and not options.again
            if not options.names or needed or row.name in options.names:
                table.play(row, room)
    finally:
        room.stop()
    table.finish(time.monotonic() - began)
    return 0 if table.passed() else 1


sys.exit(main())
