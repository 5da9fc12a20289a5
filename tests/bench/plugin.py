#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A signed image through the daemon and the plugin, beside sha256sum and dd of the same file.

    tests/bench/plugin.py BUILDDIR [MEBIBYTES] [RUNS]

Prints wall times, their ratio pair by pair, and the daemon's memory; fails when the daemon's peak
is over the limit.
"""

import pathlib
import shutil
import statistics
import sys
import tempfile
import time

from uclab import net
from uclab.bus import Bus
from uclab.cab import Authority
from uclab.endpoint import Endpoint
from uclab.fwupd import Fwupd
from uclab.process import Supervisor, run

PEAK_KIB_MAX = 40 * 1024


def timed(function):
    start = time.monotonic()
    function()
    return time.monotonic() - start


def plain(path, target):
    """The physical limit: read and hash it once, write it once, flushed."""
    run(["sha256sum", path], check=True, timeout_secs=600)
    run(["dd", f"if={path}", f"of={target}", "bs=1M", "conv=fsync,notrunc"], check=True,
        timeout_secs=600)


class Bench:
    def __init__(self, directory, builddir, mebibytes, supervisor):
        self.directory = directory
        self.size = mebibytes << 20
        bus = Bus(supervisor, directory / "bus")
        self.endpoint = Endpoint(directory / "endpoint", slot_size=self.size + (1 << 20))
        self.fwupd = Fwupd(supervisor, bus, directory / "fwupd",
                           pathlib.Path(builddir).resolve() / "plugins/uc-endpoint",
                           extra_env=self.endpoint.env)
        authority = Authority(directory / "ca")
        self.fwupd.trust(payload=[authority.ca])
        self.endpoint.install(self.fwupd)
        self.cab = self.endpoint.make_package("2.0.0", [2], signer=authority, size=self.size)
        bus.start()

    def install(self):
        result = self.fwupd.fwupdmgr("install", self.cab, "--allow-reinstall", timeout_secs=600)
        if result.returncode != 0:
            raise SystemExit(result.stdout + result.stderr)

    def once(self):
        """One pair: the daemon's wall time, the plain one, peak and idle memory in KiB."""
        self.fwupd.start()
        idle_kib = self.fwupd.process.peak_kib()
        through = timed(self.install)
        peak_kib = self.fwupd.process.peak_kib()
        self.fwupd.stop()
        beside = timed(lambda: plain(self.cab, self.directory / "plain"))
        return through, beside, idle_kib, peak_kib


def main():
    builddir = sys.argv[1]
    mebibytes = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    net.enter()
    net.set_up()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        with Supervisor(directory / "log") as supervisor:
            bench = Bench(directory, builddir, mebibytes, supervisor)
            rows = [bench.once() for _ in range(runs)]
    finally:
        shutil.rmtree(directory)
    print(f"{mebibytes} MiB, signed by its checksum, {runs} runs")
    print("  daemon s   sha256sum+dd s   ratio   idle MiB   peak MiB")
    for through, beside, idle_kib, peak_kib in rows:
        print(f"  {through:8.2f}   {beside:14.2f}   {through / beside:5.2f}"
              f"   {idle_kib / 1024:8.1f}   {peak_kib / 1024:8.1f}")
    print(f"  median ratio {statistics.median(row[0] / row[1] for row in rows):.2f}")
    peak_kib = max(row[3] for row in rows)
    print(f"  peak {peak_kib / 1024:.1f} MiB, limit {PEAK_KIB_MAX / 1024:.0f} MiB")
    return 0 if peak_kib < PEAK_KIB_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
