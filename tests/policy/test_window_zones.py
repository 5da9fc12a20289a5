#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The conversion of wall times against an independent one, Python's zoneinfo (PEP 495, fold=0).

Every quarter of an hour of the days around each change of the offset, for years in which GLib 2.74
knows the changes (it ends with the table of the zone's file, 2037).
"""

import datetime
import subprocess
import sys
import zoneinfo

ZONES = [
    "Africa/Casablanca", "America/Los_Angeles", "America/New_York", "America/Santiago",
    "America/St_Johns", "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe",
    "Australia/Sydney", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia", "Pacific/Chatham", "UTC",
]
YEARS = [2011, 2020, 2026, 2027, 2036]
EPOCH = datetime.datetime(1970, 1, 1)


def changes(zone, year):
    """The days next to which the offset changes."""
    day = datetime.datetime(year, 1, 1)
    while day.year == year:
        after = day + datetime.timedelta(days=1)
        if day.replace(tzinfo=zone).utcoffset() != after.replace(tzinfo=zone).utcoffset():
            yield day
        day = after


def main():
    rows = []
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        for year in YEARS:
            days = list(changes(zone, year)) or [datetime.datetime(year, 6, 1)]
            for day in days:
                wall = day - datetime.timedelta(days=1)
                for _ in range(96 * 4):
                    expected = int(wall.replace(tzinfo=zone, fold=0).timestamp())
                    rows.append((name, int((wall - EPOCH).total_seconds()), expected))
                    wall += datetime.timedelta(minutes=15)
    text = "".join(f"{name} {wall}\n" for name, wall, _ in rows)
    found = subprocess.run(
        sys.argv[1:], input=text, capture_output=True, text=True, check=True
    ).stdout.split()
    wrong = [row + (int(have),) for row, have in zip(rows, found) if row[2] != int(have)]
    print("1..1")
    print(f"# {len(rows)} wall times in {len(ZONES)} zones")
    for row in wrong[:20]:
        print(f"# {row[0]} {EPOCH + datetime.timedelta(seconds=row[1])}: {row[3]}, expected {row[2]}")
    good = not wrong and len(found) == len(rows)
    print("ok 1 zones" if good else "not ok 1 zones")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
