#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A signed image through the daemon and the plugin, beside sha256sum and dd of the same file, and
beside `rauc install` and SWUpdate (raw handler) of the same payload.

    tests/bench/plugin.py BUILDDIR [MEBIBYTES] [RUNS]

A table of the wall times and their ratios, the daemon's memory, and the plugin's own share beside plain
read, hash, write and verify. The daemon trusts only what is signed, and refuses a cabinet larger than a
quarter of the memory unless ArchiveSizeMax says otherwise. Fails when its peak is further above its idle
than the limit.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from figures import QUICK, Figures, status_kib
from uclab import net
from uclab.bus import Bus
from uclab.cab import Authority
from uclab.endpoint import Endpoint, file_sha256, write_image
from uclab.fwupd import Fwupd
from uclab.process import Supervisor, run
from uclab.rauc import Rauc

PEAK_KIB_MAX = 8 * 1024  # above idle
RUN_SECS_MAX = 600
SHARE_MAX = 1.05  # the plugin alone, to what has to be done in any case

CONF = """OnlyTrusted=true
ArchiveSizeMax={size}
"""

SW_DESCRIPTION = """software = {{
    version = "2.0.0";
    hardware-compatibility: [ "2" ];
    images: ( {{
        filename = "{name}";
        device = "{device}";
        type = "raw";
        sha256 = "{sha256}";
    }} );
}}
"""


def timed(function):
    start = time.monotonic()
    function()
    return time.monotonic() - start


def plain(path, target):
    """The physical limit: read and hash it once, write it once, flushed."""
    run(["sha256sum", path], check=True, timeout_secs=600)
    run(["dd", f"if={path}", f"of={target}", "bs=1M", "conv=fsync,notrunc"], check=True,
        timeout_secs=600)


def make_swu(directory, payload, sha256, device, authority):
    """An archive of SWUpdate with the payload's hash, and that signed (CMS)."""
    description = directory / "sw-description"
    description.write_text(SW_DESCRIPTION.format(name=payload.name, device=device, sha256=sha256))
    run(["openssl", "cms", "-sign", "-in", description, "-out", directory / "sw-description.sig",
         "-signer", authority.cert, "-inkey", authority.key, "-outform", "DER", "-nosmimecap",
         "-binary"], check=True)
    names = f"sw-description\nsw-description.sig\n{payload.name}\n"
    subprocess.run(["cpio", "-o", "-H", "crc", "-L", "--quiet", "-O", "image.swu"], check=True,
                   cwd=directory, input=names.encode(), timeout=RUN_SECS_MAX)
    return directory / "image.swu"


class Bench:
    def __init__(self, directory, builddir, mebibytes, supervisor):
        self.directory, self.supervisor = directory, supervisor
        self.builddir = pathlib.Path(builddir).resolve()
        self.size = mebibytes << 20
        self.bus = Bus(supervisor, directory / "bus")
        self.endpoint = Endpoint(directory / "endpoint", slot_size=self.size + (1 << 20))
        self.fwupd = Fwupd(supervisor, self.bus, directory / "fwupd",
                           self.builddir / "plugins/uc-endpoint", extra_env=self.endpoint.env)
        with open(self.fwupd.sysconf / "fwupd/fwupd.conf", "a", encoding="utf-8") as conf:
            conf.write(CONF.format(size=self.size * 2))
        self.authority = Authority(directory / "ca")
        self.fwupd.trust(payload=[self.authority.ca])
        self.endpoint.install(self.fwupd)
        self.payload = write_image(directory / "rootfs.img", "2.0.0", self.size)
        self.cab = self.endpoint.make_package("2.0.0", [2], signer=self.authority,
                                              payload=self.payload)
        self.bus.start()

    def install(self):
        result = self.fwupd.fwupdmgr("install", self.cab, "--allow-reinstall",
                                     timeout_secs=RUN_SECS_MAX)
        if result.returncode != 0:
            raise SystemExit(result.stdout + result.stderr)

    def once(self):
        """One pair: the daemon's wall time, the plain one, peak and idle memory in KiB."""
        self.fwupd.start()
        self.fwupd.devices()
        idle_kib = status_kib(self.fwupd.process.pid, "VmRSS")
        through = timed(self.install)
        peak_kib = self.fwupd.process.peak_kib()
        self.fwupd.stop()
        beside = timed(lambda: plain(self.cab, self.directory / "plain"))
        (self.directory / "plain").unlink()
        return through, beside, idle_kib, peak_kib

    def rauc(self, runs):
        """Seconds of `rauc install` of a plain bundle, which must not be removed in between."""
        rauc = Rauc(self.supervisor, self.bus, self.directory / "rauc", self.endpoint,
                    self.authority)
        bundle = rauc.make_bundle("2.0.0", self.payload)
        rauc.start()
        times = [timed(lambda: run(["rauc", "install", bundle], env=self.bus.env, check=True,
                                   timeout_secs=RUN_SECS_MAX)) for _ in range(runs)]
        rauc.stop()
        shutil.rmtree(self.directory / "rauc/bundles")
        return times

    def swupdate(self, runs):
        """Seconds of SWUpdate with its raw handler, flushed, as it does not do that itself."""
        device = self.endpoint.slots["B"]
        work = self.directory / "swu"
        work.mkdir()
        os.link(self.payload, work / self.payload.name)
        swu = make_swu(work, work / self.payload.name, file_sha256(self.payload), device,
                       self.authority)

        def install():
            run(["swupdate", "-M", "-m", "-H", "icon400:2", "-k", self.authority.ca, "-i", swu],
                env={"TMPDIR": str(work)}, check=True, timeout_secs=RUN_SECS_MAX)
            run(["sync", device], check=True, timeout_secs=RUN_SECS_MAX)

        times = [timed(install) for _ in range(runs)]
        shutil.rmtree(work)
        return times

    def share(self, runs):
        """The plugin alone and plain work: two lists of (wall, CPU) seconds."""
        image = self.endpoint.make_bind("2.0.0", [2], payload=self.payload)
        result = run([self.builddir / "tests/bench/plugin-share", self.endpoint.conf, image,
                      self.endpoint.slots["B"], runs], env=self.fwupd.env, check=True,
                     timeout_secs=RUN_SECS_MAX)
        lines = [tuple(map(float, line.split())) for line in result.stdout.splitlines()]
        return [line[:2] for line in lines], [line[2:] for line in lines]


def median(values):
    return statistics.median(values)


def fill(figures, rows, share, peers):
    through = median(row[0] for row in rows)
    figures.add("daemon and plugin", through, "s", "sha256sum, dd conv=fsync",
                median(row[1] for row in rows))
    for name, times in peers.items():
        figures.add("daemon and plugin", through, "s", name, median(times))
    ours, plain_work = share
    figures.add("plugin alone", median(wall for wall, _ in ours), "s", "plain read-hash-write-verify",
                median(wall for wall, _ in plain_work), most=SHARE_MAX)
    figures.add("plugin alone, CPU time", median(cpu for _, cpu in ours), "s",
                "plain read-hash-write-verify", median(cpu for _, cpu in plain_work))
    figures.add("daemon's memory, idle", max(row[2] for row in rows) / 1024, "MiB")
    figures.add("daemon's peak above idle", max(row[3] - row[2] for row in rows) / 1024, "MiB",
                most=PEAK_KIB_MAX / 1024, must=True)


def main():
    builddir = sys.argv[1]
    mebibytes = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    mebibytes, runs = (mebibytes // 10, 1) if QUICK else (mebibytes, runs)
    net.enter()
    net.set_up()
    figures = Figures(f"plugin, {mebibytes} MiB, {runs} runs")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    directory.chmod(0o755)
    try:
        with Supervisor(directory / "log") as supervisor:
            bench = Bench(directory, builddir, mebibytes, supervisor)
            rows = [bench.once() for _ in range(runs)]
            share = bench.share(2 * runs)
            peers = {"rauc install": bench.rauc(runs), "swupdate, raw": bench.swupdate(runs)}
    finally:
        shutil.rmtree(directory)
    fill(figures, rows, share, peers)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
