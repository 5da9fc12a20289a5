#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Check-ins per second beside a libsoup server that answers with a constant, and beside nginx.

    tests/bench/check-in.py BUILDDIR [SECONDS]

With 10,000 and 100,000 endpoints in the inventory, of which wrk lets one after the other check in: on
32 connections that stay open, and on a new connection with its handshake for each. Server and clients
side by side on this machine; the libsoup server is measured before and after. Also how long it took at
most until a check-in was on the disk.
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

LUA = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Connection"] = CONNECTION
local n = 0
function request()
  n = (n + 7919) % ENDPOINTS
  return wrk.format(nil, "/v1/check-in", nil, string.format(
    '{"format":"ucupdates-checkin-1","agent_version":"0.1.0","machine_id":"%s","endpoints":' ..
    '[{"id":"codec","vendor":"acme","model":"icon400","hardware_level":"2","serial":"AC%d",' ..
    '"state":"current","modules":[{"name":"application","version":"1.1.0"}]}]}',
    string.rep("a", 64), n))
end
"""


def register(mirror, count):
    """So many endpoints that checked in a while ago."""
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        database.executemany(
            "INSERT INTO endpoints (identity, vendor, model, hardware_level, serial, mac_address,"
            " version, state, reason, machine_id, agent_version, details, first_seen_secs,"
            " last_seen_secs, state_since_secs) VALUES ('serial/acme/AC' || ?1, 'acme', 'icon400',"
            " '2', 'AC' || ?1, '', '1.1.0', 'current', '', '', '0.1.0', '{}', 1, 1, 1)",
            ((number,) for number in range(count)))
        database.execute("INSERT INTO versions SELECT identity, 'application', version, 1, 1"
                         " FROM endpoints")
    database.close()


def count_endpoints(mirror):
    database = sqlite3.connect(mirror.root / "mirror.db")
    (known,) = database.execute("SELECT count(*) FROM endpoints").fetchone()
    database.close()
    return known


class Bench:
    def __init__(self, directory, seconds, figures):
        self.directory, self.seconds, self.figures = directory, seconds, figures

    def script(self, connection, count):
        path = self.directory / "check-in.lua"
        path.write_text(LUA.replace("ENDPOINTS", str(count)).replace("CONNECTION",
                                                                    f'"{connection}"'))
        return path

    def measure(self, port, pid, connection, count):
        """(check-ins per second, p50, p99, errors, CPU time of each in µs)"""
        before = cpu_secs(pid)
        result = peers.wrk(port, self.script(connection, count), self.seconds)
        used = cpu_secs(pid) - before
        return (*result, used * 1e6 / max(1, result[0] * self.seconds))

    def bare(self, mirror, connection, count):
        with peers.bare_soup(mirror) as pid:
            return self.measure(peers.SOUP_PORT, pid, connection, count)

    def ours(self, mirror, connection, count):
        service = Service(mirror)
        result = self.measure(service.port, service.process.pid, connection, count)
        peak_mib = status_kib(service.process.pid, "VmHWM") / 1024
        if service.stop() != 0:
            raise SystemExit("the service did not end well")
        return result, peak_mib

    def row(self, mirror, connection, count):
        """Everything about one kind of connection with one size of the inventory."""
        before = self.bare(mirror, connection, count)
        ours, peak_mib = self.ours(mirror, connection, count)
        after = self.bare(mirror, connection, count)
        bare = tuple(statistics.mean(pair) for pair in zip(before, after))
        with peers.nginx(mirror, self.directory) as pid:
            nginx = self.measure(peers.NGINX_PORT, pid, connection, count)
        name = "kept connections" if connection == "keep-alive" else "new connections"
        name += f", {count} endpoints"
        add = self.figures.add
        add(f"check-ins, {name}", ours[0], "/s", "bare libsoup", bare[0], least=RATIO_MIN)
        add(f"check-ins, {name}", ours[0], "/s", "nginx, constant", nginx[0])
        add(f"p50, {name}", ours[1], "ms", "bare libsoup", bare[1])
        add(f"p99, {name}", ours[2], "ms", "bare libsoup", bare[2])
        add(f"CPU time each, {name}", ours[4], "µs", "bare libsoup", bare[4])
        add(f"not answered, {name}", ours[3], most=0, must=True)
        add(f"peak memory, {name}", peak_mib, "MiB", most=MEMORY_MIB_MAX, must=True)

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
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    seconds, counts = (2, (10000,)) if QUICK else (seconds, (10000, 100000))
    figures = Figures("check-ins")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    try:
        bench = Bench(directory, seconds, figures)
        for count in counts:
            mirror = peers.new_mirror(directory / str(count))
            register(mirror, count)
            for connection in ("keep-alive", "close"):
                bench.row(mirror, connection, count)
            bench.durable(mirror, count)
            figures.add(f"lost of {count} endpoints", count - count_endpoints(mirror), most=0,
                        must=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
