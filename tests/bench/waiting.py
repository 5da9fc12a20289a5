#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the agent costs while it waits: wake-ups, CPU time, memory.

    waiting.py BUILDDIR SECONDS     in namespaces of its own; exit status 1 when a goal is missed

The lab's agent has asked the service and staged an update, and nobody does anything. The goals: no
wake-up at all, no CPU time, under 15 MB of its own (Pss).
"""

import pathlib
import sys
import tempfile
import time

from figures import Figures
from uclab import net
from uclab.lab import Lab
from uclab.logind import Logind

PSS_KIB_MAX = 15 * 1000 * 1000 // 1024
# libsoup closes the idle connection of the last look after a minute, and forgets its host five
# minutes later: two wake-ups per look, which are not of the waiting
SETTLE_SECS = 375


def threads(pid):
    return sorted(pathlib.Path(f"/proc/{pid}/task").iterdir())


def wakeups(pid):
    """How often each thread went to sleep, which it does once per wake-up."""
    counts = {}
    for task in threads(pid):
        status = dict(
            line.split(":", 1) for line in (task / "status").read_text().splitlines()
        )
        counts[f"{status['Name'].strip()} {task.name}"] = int(status["voluntary_ctxt_switches"])
    return counts


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def pss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def prepare(lab):
    lab.start_service()
    lab.bus.start()
    Logind(lab.supervisor, lab.bus).start()
    lab.agent.configure("[Agent]\nCallSources=agent;logind\n", "60-bench.conf")
    lab.fwupd.start()
    lab.agent.start()
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    lab.agent.ctl("check")
    device = lambda: lab.fwupd.devices()[lab.endpoint.name]
    lab.agent.wait_for(lambda: "needs-activation" in device()["Flags"], 60, "the staged update")


def main():
    builddir, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    net.enter()
    figures = Figures(f"waiting, {seconds} s with an update staged")
    with tempfile.TemporaryDirectory(prefix="uc-") as directory:
        pathlib.Path(directory).chmod(0o755)
        with Lab(directory, builddir, idle_secs=86400) as lab:
            prepare(lab)
            time.sleep(SETTLE_SECS)
            pid = lab.agent.process.pid
            before, ticks = wakeups(pid), cpu_ticks(pid)
            time.sleep(seconds)
            after, ticks = wakeups(pid), cpu_ticks(pid) - ticks
            woken = {name: count - before.get(name, 0) for name, count in after.items()}
            pss = pss_kib(pid)
    for name, count in woken.items():
        if count:
            print(f"woken: {name} {count} times")
    figures.add("wake-ups of the agent", sum(woken.values()), most=0, must=True)
    figures.add("CPU time of the agent", ticks * 10, "ms", most=0, must=True)
    figures.add("memory of the agent (Pss)", pss / 1024, "MiB", most=PSS_KIB_MAX / 1024, must=True)
    return figures.end()


if __name__ == "__main__":
    sys.exit(main())
