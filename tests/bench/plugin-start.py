#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long the daemon takes to start with 0, 1, 100 and 1000 endpoints of Type=file and of
Type=slots, and what part of that is the plugin's own and what the engine's.

    tests/bench/plugin-start.py BUILDDIR [RUNS]

A table of the medians and the part of one endpoint. Beside other load look at the processor's time: the
daemon's is that until it answers on the bus. The goals are that the plugin's own part of the first
endpoint is at most 1 ms, and that the daemon with our devices takes no longer than two times what it
takes with as many of a plugin that does nothing but add them: the engine looks through all devices for
each one that is added.
"""

import os
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
from uclab.process import Supervisor, run

COUNTS = {"file": (0, 1, 100, 1000), "slots": (0, 1, 100, 1000)}
FIRST_MS_MAX = 1.0
ENGINE_RATIO_MAX = 2.0
OWN_RUNS = 10


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


def processor_secs(pid):
    """What a process has used so far, in user and in kernel mode."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(fwupd):
    """Seconds until the daemon answers on the bus, and of the processor."""
    begin = time.monotonic()
    fwupd.start()
    return time.monotonic() - begin, processor_secs(fwupd.process.pid)


def own_ms(program, fwupd, endpoint):
    """Milliseconds of the plugin alone, for the same files: the least of some runs, as other load
    can only add to it."""
    runs = [run([program, endpoint.conf.parent], env=fwupd.env, check=True) for _ in range(OWN_RUNS)]
    return min(float(result.stdout.split()[1]) for result in runs)


def measure_bare(fwupd, module, count, runs):
    """Median seconds of the processor with so many devices of the bare plugin in place of ours."""
    plugins = fwupd.directory / "plugins"
    kept = plugins.with_name("plugins-kept")
    plugins.rename(kept)
    plugins.mkdir()
    shutil.copy(module, plugins)
    fwupd.extra_env["UC_BENCH_DEVICES"] = str(count)
    times = []
    for _ in range(runs):
        times.append(start(fwupd)[1])
        found = len(fwupd.json("get-devices")["Devices"])
        fwupd.stop()
        if found < count:
            raise SystemExit(f"{found} of {count} bare devices are there")
    shutil.rmtree(plugins)
    kept.rename(plugins)
    return statistics.median(times)


def measure(fwupd, endpoint, kind, count, program, runs):
    """Medians of (seconds, seconds of the processor, milliseconds of the plugin alone)."""
    write_endpoints(endpoint, kind, count)
    times = []
    for _ in range(runs):
        taken = start(fwupd)
        found = len(fwupd.devices())
        fwupd.stop()
        if found != count:
            raise SystemExit(f"{found} of {count} endpoints are there")
        times.append((*taken, own_ms(program, fwupd, endpoint)))
    return [statistics.median(column) for column in zip(*times)]


def main():
    builddir = pathlib.Path(sys.argv[1]).resolve()
    program = builddir / "tests/bench/plugin-start"
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    runs = 1 if QUICK else runs
    net.enter()
    net.set_up()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-bench-"))
    directory.chmod(0o755)
    try:
        with Supervisor(directory / "log") as supervisor:
            bus = Bus(supervisor, directory / "bus")
            endpoint = Endpoint(directory / "endpoint")
            fwupd = Fwupd(supervisor, bus, directory / "fwupd",
                          builddir / "plugins/uc-endpoint",
                          extra_env=endpoint.env)
            endpoint.install(fwupd)
            bus.start()
            start(fwupd)  # builds what fwupd caches
            fwupd.stop()
            rows = [(kind, count, *measure(fwupd, endpoint, kind, count, program, runs))
                    for kind, counts in COUNTS.items() for count in counts]
            module = builddir / "tests/bench/libfu_plugin_uc_bare.so"
            bare = {count: measure_bare(fwupd, module, count, runs)
                    for count in sorted({count for _, count, *_ in rows})}
    finally:
        shutil.rmtree(directory)
    return report(rows, bare)


def report(rows, bare):
    """The rows with 0 endpoints are what the others are compared with."""
    figures = Figures("plugin-start")
    base = 0.0
    for kind, count, secs, processor, own in rows:
        base = own if count == 0 else base
        name = f"{count} endpoints, Type={kind}"
        figures.add(f"start of the daemon, {name}", secs * 1000, "ms")
        figures.add(f"its CPU time, {name}", processor * 1000, "ms", peer="a bare plugin",
                    peer_value=bare[count] * 1000,
                    most=ENGINE_RATIO_MAX if count == max(bare) else None)
        if count:
            figures.add(f"plugin alone for each of {name}", max(0, own - base) / count, "ms",
                        most=FIRST_MS_MAX if count == 1 else None)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
