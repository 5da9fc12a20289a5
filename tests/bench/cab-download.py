#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A hundred endpoints fetch a cab at once, from the mirror and from nginx with the same tree.

    tests/bench/cab-download.py BUILDDIR [MEGABYTES] [RUNS]

Both take turns, and the pair is shown whose ratio is in the middle. Also the server's CPU time for each
gigabyte, and its memory with one reader and with a hundred.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import peers
from figures import QUICK, Figures, cpu_secs, status_kib
from mirrorlab import HOST, Service

READERS = 100
RATIO_MIN = 0.9
GROWTH_MIB_MAX = 32  # with all readers, over one reader: 256 KiB for each and its TLS


def fetch(directory, port, ca, readers):
    """Seconds until all readers of one curl have the file."""
    config = directory / "curl"
    config.write_text(f'url = "https://{HOST}:{port}/cabs/big.cab"\noutput = /dev/null\n' * readers)
    start = time.monotonic()
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "--http1.1", "--parallel",
                    "--parallel-immediate", "--parallel-max", str(READERS), "--cacert", ca,
                    "--resolve", f"{HOST}:{port}:127.0.0.1", "--config", config],
                   check=True, timeout=900, stderr=subprocess.DEVNULL)  # its progress
    return time.monotonic() - start


class Bench:
    def __init__(self, directory, mirror, megabytes):
        self.directory, self.mirror, self.megabytes = directory, mirror, megabytes
        self.ca = mirror.root / "trust/tls/room.example.pem"
        cab = mirror.root / "public/cabs/big.cab"
        cab.write_bytes(pathlib.Path("/dev/urandom").open("rb").read(megabytes * 1000000))

    def measure(self, port, pid):
        """(MB/s, CPU seconds for each GB)"""
        total = READERS * self.megabytes
        before = cpu_secs(pid)
        secs = fetch(self.directory, port, self.ca, READERS)
        return total / secs, (cpu_secs(pid) - before) / total * 1000

    def ours(self):
        """The same, and the peak memory in MiB with one reader and with all."""
        service = Service(self.mirror)
        fetch(self.directory, service.port, self.ca, 1)
        one = status_kib(service.process.pid, "VmHWM") / 1024
        result = self.measure(service.port, service.process.pid)
        most = status_kib(service.process.pid, "VmHWM") / 1024
        service.stop()
        return (*result, one, most)

    def nginx(self):
        with peers.nginx(self.mirror, self.directory) as pid:
            worker = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
            return self.measure(peers.NGINX_PORT, worker)


def main():
    megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    megabytes, runs = (4, 1) if QUICK else (megabytes, runs)
    figures = Figures(f"cab download, {READERS} at once, {megabytes} MB each")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        bench = Bench(directory, peers.new_mirror(directory), megabytes)
        pairs = [(bench.ours(), bench.nginx()) for _ in range(runs)]
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    ours, nginx = sorted(pairs, key=lambda pair: pair[0][0] / pair[1][0])[len(pairs) // 2]
    figures.add("over TLS", ours[0], "MB/s", "nginx", nginx[0], least=RATIO_MIN)
    figures.add("CPU time for a GB", ours[1], "s", "nginx", nginx[1])
    figures.add("peak memory, one reader", ours[2], "MiB")
    figures.add(f"what {READERS} readers add to it", ours[3] - ours[2], "MiB", most=GROWTH_MIB_MAX,
                must=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
