#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long the daemon takes to start with 0, 1, 100 and 1000 endpoints of Type=file, and with up to
100 of Type=slots, for each of which GRUB's own program is asked.

    tests/bench/plugin-start.py BUILDDIR [RUNS]

A table with the median, and with what one endpoint adds to it.
"""

import pathlib
import shutil
import statistics
import sys
import tempfile
import time

from figures import QUICK, Figures
from uclab import net
from uclab.bus import Bus
from uclab.endpoint import Endpoint
from uclab.fwupd import Fwupd
from uclab.process import Supervisor

COUNTS = {"file": (0, 1, 100, 1000), "slots": (1, 100)}
EACH_MS_MAX = 1


def write_endpoints(endpoint, kind, count):
    """So many files that differ in Id, Name, Model and Serial."""
    shutil.rmtree(endpoint.conf.parent, ignore_errors=True)
    endpoint.conf.parent.mkdir(parents=True)
    text = endpoint.config()
    if kind == "file":
        text = text.partition("[Install]")[0]
        text += f"[Install]\nType=file\nTarget={endpoint.slots['A']}\n"
    for number in range(count):
        (endpoint.conf.parent / f"e{number}.conf").write_text(
            text.replace("Id=codec", f"Id=e{number}").replace("icon400", f"icon{number}")
            .replace("ICON 400", f"ICON {number}")
            .replace("UC0001", f"UC{number}"))


def start(fwupd):
    """Seconds until the daemon answers on the bus."""
    begin = time.monotonic()
    fwupd.start()
    return time.monotonic() - begin


def measure(fwupd, endpoint, kind, count, runs):
    write_endpoints(endpoint, kind, count)
    times = []
    for _ in range(runs):
        times.append(start(fwupd))
        found = len(fwupd.devices())
        fwupd.stop()
        if found != count:
            raise SystemExit(f"{found} of {count} endpoints are there")
    return statistics.median(times)


def main():
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    runs = 1 if QUICK else runs
    net.enter()
    net.set_up()
    figures = Figures("plugin-start")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    directory.chmod(0o755)
    try:
        with Supervisor(directory / "log") as supervisor:
            bus = Bus(supervisor, directory / "bus")
            endpoint = Endpoint(directory / "endpoint")
            fwupd = Fwupd(supervisor, bus, directory / "fwupd",
                          pathlib.Path(sys.argv[1]).resolve() / "plugins/uc-endpoint",
                          extra_env=endpoint.env)
            endpoint.install(fwupd)
            bus.start()
            start(fwupd)  # builds what fwupd caches
            fwupd.stop()
            rows = [(kind, count, measure(fwupd, endpoint, kind, count, runs))
                    for kind, counts in COUNTS.items() for count in counts]
    finally:
        shutil.rmtree(directory)
    figures.add("start of the daemon without endpoints", rows[0][2] * 1000, "ms")
    for kind, count, secs in rows[1:]:
        figures.add(f"each of {count} endpoints, Type={kind}",
                    max(0, secs - rows[0][2]) * 1000 / count, "ms",
                    most=EACH_MS_MAX if kind == "file" else None)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
