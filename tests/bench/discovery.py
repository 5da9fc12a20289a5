#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cold discovery over a wire with a delay, beside what the protocols need; look-ups beside getent.

    tests/bench/discovery.py DISCOVER FAKE_SERVICE [RUNS]

The least that a verified description takes is DNS, TCP, TLS 1.3 and one request: 4 round trips.
Wall times are from the start of the process to its end; the peers are in the same run. Fails when the
peak memory is over its limit.
"""

import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from figures import QUICK, Figures
from uclab import net
from wire import THERE

ROUND_TRIPS = 4
RTT_MS = 50
RATIO_GOAL = 1.1
PEAK_KIB_MAX = 40 * 1024
DOMAINS = [f"d{number}.example" for number in range(7)] + ["room.example"]
SPAWN = """import os, sys, time
begin = time.monotonic()
child = os.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss,
      os.waitstatus_to_exitcode(status))
"""


class Far:
    """The organisation's machine at the other end of the wire: a name server and the service."""

    def __init__(self, directory, fake_service, delay_ms):
        self.children = []
        holder = self.start("unshare", "--net", "sh", "-c",
                            "ip link set lo up; echo up; exec sleep 3600", ready="up")
        inside = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
        wire = pathlib.Path(__file__).with_name("wire.py")
        self.start(sys.executable, "-B", wire, str(delay_ms), str(holder.pid), ready="up")
        self.start(*inside, fake_service, directory / "etc", "room.example", THERE, "443", "none",
                   ready="ready")
        log = directory / "dnsmasq.log"
        log.unlink(missing_ok=True)
        self.start(*inside, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                   "--no-resolv", "--no-hosts", "--pid-file=", "--user=", "--bind-interfaces",
                   f"--listen-address={THERE}", "--local-ttl=60", "--local=/example/",
                   f"--log-facility={log}", f"--host-record=ucupdates-r2.room.example,{THERE}")
        while not log.exists() or "started" not in log.read_text(encoding="utf-8"):
            time.sleep(0.01)

    def start(self, *argv, ready=None):
        child = subprocess.Popen([str(word) for word in argv], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.children.append(child)
        if ready is not None and child.stdout.readline().strip() != ready:
            raise SystemExit(f"{argv[0]} did not come up")
        return child

    def stop(self):
        for child in reversed(self.children):
            child.kill()
            child.wait()


def spawn(argv, env, statuses=("0",)):
    """Wall and CPU time in ms and peak KiB of a program that has to end with such a status."""
    text = subprocess.run([sys.executable, "-IS", "-c", SPAWN, *map(str, argv)], env=env,
                          check=True, capture_output=True, text=True).stdout
    secs, cpu_secs, peak_kib, status = text.split()
    if status not in statuses:
        raise SystemExit(f"{' '.join(map(str, argv))} ended with {status}")
    return float(secs) * 1000, float(cpu_secs) * 1000, int(peak_kib)


def connect_ms():
    begin = time.monotonic()
    socket.create_connection((THERE, 443)).close()
    return (time.monotonic() - begin) * 1000


def median(function, runs):
    return statistics.median(function() for _ in range(runs))


class Bench:
    def __init__(self, directory, discover, fake_service, runs):
        self.directory, self.fake_service, self.runs = directory, fake_service, runs
        self.command = [discover, f"--nameserver={THERE}"]
        self.peak_kib = 0
        self.best_ms = 0
        self.cpus_ms, self.cpu_ms = [], 0
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                    "UCUPDATES_SYSCONFDIR": str(directory / "etc"),
                    "UCUPDATES_VENDORDIR": str(directory / "vendor")}

    def discover(self, *options):
        wall_ms, cpu_ms, peak_kib = spawn([*self.command, *options], self.env)
        self.peak_kib = max(self.peak_kib, peak_kib)
        self.cpus_ms.append(cpu_ms)
        return wall_ms

    def getent(self, domains):
        """One after the other; 2 says that there is no such name."""
        return sum(spawn(["getent", "ahosts", f"ucupdates-r2.{domain}"], self.env, ("0", "2"))[0]
                   for domain in domains)

    def row(self, rtt_ms):
        far = Far(self.directory, self.fake_service, rtt_ms / 2)
        try:
            measured_ms = median(connect_ms, self.runs)
            self.cpus_ms.clear()
            colds_ms = [self.discover("--domain=room.example") for _ in range(self.runs)]
            cold_ms = statistics.median(colds_ms)
            self.best_ms = min(colds_ms)
            self.cpu_ms = statistics.median(self.cpus_ms)
            options = ["--no-fetch"] + [f"--domain={domain}" for domain in DOMAINS]
            eight_ms = median(lambda: self.discover(*options), self.runs)
            one_ms = median(lambda: self.discover("--no-fetch", "--domain=room.example"), self.runs)
            getent_ms = median(lambda: self.getent(["room.example"]), self.runs)
            singly_ms = median(lambda: self.getent(DOMAINS), self.runs)
        finally:
            far.stop()
        return measured_ms, cold_ms, one_ms, getent_ms, eight_ms, singly_ms


def main():
    net.enter()
    net.set_up()
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 11
    runs = 3 if QUICK else runs
    figures = Figures(f"discovery, median of {runs}")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    (directory / "etc").mkdir()
    try:
        net.set_resolv_conf(directory, f"nameserver {THERE}\n")
        bench = Bench(directory, sys.argv[1], sys.argv[2], runs)
        rows = {rtt_ms: bench.row(rtt_ms) for rtt_ms in (0, RTT_MS)}
    finally:
        shutil.rmtree(directory)
    for rtt_ms, (seen, cold, one, getent, eight, singly) in rows.items():
        wire = f"{rtt_ms} ms of round trip"
        figures.add(f"verified description, {wire}", cold, "ms", f"{ROUND_TRIPS} round trips",
                    ROUND_TRIPS * seen, most=RATIO_GOAL if rtt_ms else None)
        figures.add(f"one look-up, {wire}", one, "ms", "getent ahosts", getent)
        figures.add(f"eight domains, {wire}", eight, "ms", "getent, one by one", singly)
    figures.add(f"best verified description, {RTT_MS} ms of round trip", bench.best_ms, "ms",
                f"{ROUND_TRIPS} round trips", ROUND_TRIPS * rows[RTT_MS][0], most=RATIO_GOAL)
    figures.add("CPU time of a verified description", bench.cpu_ms, "ms")
    figures.add("peak memory", bench.peak_kib / 1024, "MiB", most=PEAK_KIB_MAX / 1024, must=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
