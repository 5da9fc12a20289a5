#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Check-ins per second beside a libsoup server that answers with a constant, and beside nginx.

    tests/bench/check-in.py BUILDDIR [SECONDS]

With 10,000 and 100,000 endpoints in the inventory, of which wrk lets one after the other check in: on
32 connections that stay open, and on a new connection with its handshake for each. All have checked in
before, and say the same again. What the first check-ins of all cost, which put them into the inventory,
and the first after a restart of the service, which knows nothing of them but what is in the database,
is shown beside that. Server and clients side by side on this machine; the servers take turns, five times,
and the round is shown whose ratio is in the middle. Also how long it took at most until a check-in was
on the disk.
"""

import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

import peers
from figures import QUICK, Figures, cpu_secs, status_kib
from mirrorlab import Service

MEMORY_MIB_MAX = 64
RATIO_MIN = 0.8
SYNC_SECS_MAX = 1
TRACE_SECS = 4
ROUNDS = 5

STEP = 7919  # has no divisor in common with the number of endpoints

LUA = f"""
STEP = {STEP}
""" + """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Connection"] = CONNECTION
local n = START
function request()
  n = (n + STEP) % ENDPOINTS
  return wrk.format(nil, "/v1/check-in", nil, string.format(
    '{"format":"ucupdates-checkin-1","agent_version":"0.1.0","machine_id":"%s","endpoints":' ..
    '[{"id":"codec","vendor":"acme","model":"icon400","hardware_level":"2","serial":"AC%d",' ..
    '"state":"current","modules":[{"name":"application","version":"1.1.0"}]}]}',
    string.rep("a", 64), n))
end
"""


def count_endpoints(mirror):
    database = sqlite3.connect(mirror.root / "mirror.db")
    (known,) = database.execute("SELECT count(*) FROM endpoints").fetchone()
    database.close()
    return known


def stop(service):
    if service.stop() != 0:
        raise SystemExit("the service did not end well")


class Bench:
    def __init__(self, directory, seconds, figures):
        self.directory, self.seconds, self.figures = directory, seconds, figures

    def script(self, connection, count, start=0):
        path = self.directory / "check-in.lua"
        path.write_text(LUA.replace("ENDPOINTS", str(count)).replace("START", str(start))
                        .replace("CONNECTION", f'"{connection}"'))
        return path

    def measure(self, port, pid, connection, count, start=0):
        """(check-ins per second, p50, p99, errors, CPU time of each in µs)"""
        before = cpu_secs(pid)
        result = peers.wrk(port, self.script(connection, count, start), self.seconds)
        used = cpu_secs(pid) - before
        return (*result, used * 1e6 / max(1, result[0] * self.seconds))

    def register(self, service, count):
        """All endpoints check in for the first time; the mean rate."""
        rates, done = [], 0
        while count_endpoints(service.mirror) < count:
            if done > 4 * count:
                raise SystemExit("some endpoints are lost")
            rates.append(peers.wrk(service.port, self.script("keep-alive", count, done * STEP),
                                   self.seconds)[0])
            done += int(rates[-1] * self.seconds)
        return statistics.mean(rates)

    def bare(self, mirror, connection, count):
        with peers.bare_soup(mirror) as pid:
            return self.measure(peers.SOUP_PORT, pid, connection, count)

    def nginx(self, mirror, connection, count):
        with peers.nginx(mirror, self.directory) as pid:
            return self.measure(peers.NGINX_PORT, pid, connection, count)

    def row(self, service, connection, count):
        """Everything about one kind of connection with one size of the inventory."""
        mirror = service.mirror
        rounds = [(self.measure(service.port, service.process.pid, connection, count),
                   self.bare(mirror, connection, count), self.nginx(mirror, connection, count))
                  for _ in range(1 if QUICK else ROUNDS)]
        ours, bare, nginx = sorted(rounds, key=lambda row: row[0][0] / row[1][0])[len(rounds) // 2]
        lost = sum(result[0][3] for result in rounds)
        name = "kept connections" if connection == "keep-alive" else "new connections"
        name += f", {count} endpoints"
        add = self.figures.add
        add(f"check-ins, {name}", ours[0], "/s", "bare libsoup", bare[0], least=RATIO_MIN)
        add(f"check-ins, {name}", ours[0], "/s", "nginx, constant", nginx[0])
        add(f"p50, {name}", ours[1], "ms", "bare libsoup", bare[1])
        add(f"p99, {name}", ours[2], "ms", "bare libsoup", bare[2])
        add(f"CPU time each, {name}", ours[4], "µs", "bare libsoup", bare[4])
        add(f"not answered, {name}", lost, most=0, must=True)
        return bare[0]

    def all_rows(self, mirror, count):
        """Everything with one size of the inventory."""
        add = self.figures.add
        service = Service(mirror)
        first = self.register(service, count)
        bare = self.row(service, "keep-alive", count)
        self.row(service, "close", count)
        add(f"peak memory, {count} endpoints", status_kib(service.process.pid, "VmHWM") / 1024,
            "MiB", most=MEMORY_MIB_MAX, must=True)
        stop(service)
        service = Service(mirror)
        again = self.measure(service.port, service.process.pid, "keep-alive", count)
        stop(service)
        add(f"check-ins, {count} new endpoints", first, "/s", "bare libsoup", bare)
        add(f"check-ins, {count} endpoints after a restart", again[0], "/s", "bare libsoup", bare)

    def durable(self, mirror, count):
        """The longest time between two writes to the disk while check-ins come."""
        service = Service(mirror)
        log = self.directory / "strace"
        tracer = subprocess.Popen(["strace", "-f", "-ttt", "-e", "trace=fsync,fdatasync", "-o", log,
                                   "-p", str(service.process.pid)], stderr=subprocess.PIPE,
                                  text=True)
        tracer.stderr.readline()  # it is attached
        peers.wrk(service.port, self.script("keep-alive", count), TRACE_SECS)
        tracer.terminate()
        tracer.wait()
        service.stop()
        times = [float(line.split()[1]) for line in log.read_text().splitlines()
                 if "sync(" in line]
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        if len(gaps) < 2:
            raise SystemExit("nothing was written to the disk")
        self.figures.add("until a check-in is on the disk", max(gaps), "s", most=SYNC_SECS_MAX)


def main():
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    seconds, counts = (2, (10000,)) if QUICK else (seconds, (10000, 100000))
    figures = Figures("check-ins")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        bench = Bench(directory, seconds, figures)
        for count in counts:
            mirror = peers.new_mirror(directory / str(count))
            bench.all_rows(mirror, count)
            bench.durable(mirror, count)
            figures.add(f"lost of {count} endpoints", count - count_endpoints(mirror), most=0,
                        must=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
