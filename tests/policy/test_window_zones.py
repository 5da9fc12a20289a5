#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Daily windows in the zones of tzdata, every day from 2020 to 2100, against an independent
implementation, Python's zoneinfo (PEP 495, fold=0).

test_window_zones.py uc-zone-convert [--all]: every zone with --all, else those with the odd rules
and every sixtieth.
"""

import array
import datetime
import hashlib
import pathlib
import subprocess
import sys
import zoneinfo

ODD = [
    "Africa/Casablanca", "Africa/El_Aaiun", "America/New_York", "America/Nuuk", "America/Santiago",
    "America/St_Johns", "America/Scoresbysund", "Antarctica/Troll", "Asia/Gaza", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Dublin",
    "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "UTC",
]
# crosses midnight; inside the hours that change; from the first of them; ends in one; all day
WINDOWS = [(1200, 360), (130, 170), (120, 240), (1380, 30), (0, 1440 - 1)]
FIRST = datetime.datetime(2020, 1, 1)
LAST = datetime.datetime(2100, 12, 31)
EPOCH = datetime.datetime(1970, 1, 1)


def unique(names):
    """Links have the same content: one name of each."""
    seen = {}
    for name in names:
        data = pathlib.Path("/usr/share/zoneinfo", name).read_bytes()
        seen.setdefault(hashlib.sha256(data).digest(), name)
    return sorted(seen.values())


def expect(zone, start, end):
    """All spans, the empty ones of a missing hour left out."""
    spans = array.array("q")
    day = FIRST - datetime.timedelta(days=3)
    one = datetime.timedelta(days=1)
    first = datetime.timedelta(minutes=start)
    length = datetime.timedelta(minutes=(end - start) % 1440)
    begin = int((FIRST - EPOCH).total_seconds())
    stop = int((LAST + one - EPOCH).total_seconds())
    while day <= LAST + one * 2:
        wall = day + first
        opens = int(wall.replace(tzinfo=zone).timestamp())
        closes = int((wall + length).replace(tzinfo=zone).timestamp())
        if opens < closes and closes > begin and opens < stop:
            spans.append(opens)
            spans.append(closes)
        day += one
    return spans


def read(stream):
    count, nanoseconds = map(int, stream.readline().split())
    spans = array.array("q")
    spans.frombytes(stream.read(count * 16))
    return spans, nanoseconds


def check(program, names, start, end):
    begin = int((FIRST - EPOCH).total_seconds())
    stop = int((LAST + datetime.timedelta(days=1) - EPOCH).total_seconds())
    args = [program, str(start), str(end), str(begin), str(stop)]
    wrong = days = time = 0
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for name in names:
            process.stdin.write(name.encode() + b"\n")
            process.stdin.flush()
            found, nanoseconds = read(process.stdout)
            expected = expect(zoneinfo.ZoneInfo(name), start, end)
            days += len(expected) // 2
            time += nanoseconds
            if found != expected:
                wrong += 1
                pairs = zip(expected, found)
                where = next((i for i, (a, b) in enumerate(pairs) if a != b), -1)
                print(f"# {name}: span {where // 2} of {len(expected) // 2} and {len(found) // 2}")
        process.stdin.close()
    return wrong, days, time // max(len(names), 1)


def main():
    windows = WINDOWS if "--all" in sys.argv else WINDOWS[:2]
    names = unique(zoneinfo.available_timezones() - {"localtime"})
    if "--all" not in sys.argv:
        names = sorted(set(ODD) | set(names[::60]))
    print(f"1..{len(windows)}")
    failed = 0
    for number, (start, end) in enumerate(windows, 1):
        wrong, days, time = check(sys.argv[1], names, start, end)
        print(f"# {len(names)} zones, {days} windows, {wrong} zones wrong, {time} ns per window")
        good = wrong == 0 and days > 29000 * len(names)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} {start // 60:02}:{start % 60:02}"
              f"-{end // 60:02}:{end % 60:02}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
