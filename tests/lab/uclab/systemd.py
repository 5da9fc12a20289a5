# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real service manager of systemd on the lab's bus, where systemd need not be PID 1.

It is `systemd --user`, which has the interface of the one that is PID 1, told that the lab's system
bus is the one of its session, in a control group of the lab.
"""

import os
import pathlib
import time

from .process import wait_for

NAME = "org.freedesktop.systemd1"
PROGRAM = "/lib/systemd/systemd"
DEADLINE_SECS = 60

# what the manager needs to come up, and to take the bus for one that runs
UNITS = {
    "default.target": "[Unit]\nDefaultDependencies=no\nWants=dbus.socket dbus.service\n",
    "basic.target": "[Unit]\nDefaultDependencies=no\n",
    "shutdown.target": "[Unit]\nDefaultDependencies=no\n",
    "exit.target": "[Unit]\nDefaultDependencies=no\nRequires=systemd-exit.service\n"
                   "After=systemd-exit.service\nAllowIsolate=yes\n",
    "systemd-exit.service": "[Unit]\nDefaultDependencies=no\nSuccessAction=exit-force\n"
                            "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "dbus.socket": "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream={directory}/unused\n",
    "dbus.service": "[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\nAfter=dbus.socket\n"
                    "[Service]\nExecStart=/bin/sleep infinity\n",
}

# it refuses to run where /run says that systemd did not start the machine
START = """set -e
for group in {groups}; do echo $$ >$group/cgroup.procs; done
mount -t tmpfs -o mode=0755 lab /run
mkdir -p /run/systemd/system
exec {program} --user --log-target=console
"""


def hierarchies():
    """Where systemd has its control groups: cgroup2, and in a mixed set-up its own of version 1."""
    found = []
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(pathlib.Path(place))
    return found


class Systemd:
    """The manager; what it starts ends with it."""

    def __init__(self, supervisor, bus, directory):
        self.supervisor, self.bus = supervisor, bus
        self.directory = pathlib.Path(directory)
        (self.directory / "units").mkdir(parents=True)
        (self.directory / "run").mkdir(mode=0o700)
        for name, text in UNITS.items():
            (self.directory / "units" / name).write_text(text.format(directory=self.directory))
        self.groups = []

    @staticmethod
    def is_possible():
        """Whether control groups can be made here."""
        return (os.path.exists(PROGRAM) and bool(hierarchies())
                and all(os.access(place, os.W_OK) for place in hierarchies())
                and all("ro" not in line.split()[3].split(",")
                        for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
                        if line.split()[1] in map(str, hierarchies())))

    def start(self):
        self.groups = [place / f"uclab-{os.getpid()}-{id(self)}" for place in hierarchies()]
        for group in self.groups:
            group.mkdir()
        script = START.format(groups=" ".join(map(str, self.groups)), program=PROGRAM)
        process = self.supervisor.spawn(
            "systemd", ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
            {"XDG_RUNTIME_DIR": str(self.directory / "run"),
             "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
             "SYSTEMD_UNIT_PATH": str(self.directory / "units"),
             "UC_OF_THE_MANAGER": "nobody's business"})
        self.bus.wait_for_owner(NAME, process, DEADLINE_SECS)

    def call(self, method, *arguments):
        return self.bus.call(NAME, "/org/freedesktop/systemd1", f"{NAME}.Manager.{method}",
                             *arguments)

    def units(self):
        """Names of the loaded services of the plugin."""
        text = self.call("ListUnits").stdout
        return {word.strip("'(),") for word in text.split() if "uc-endpoint-" in word
                and word.strip("'(),").endswith(".service")}

    def pids(self):
        return [int(line) for group in self.groups
                for path in (group, *group.glob("**/"))
                if (path / "cgroup.procs").exists()
                for line in (path / "cgroup.procs").read_text().split()]

    def stop(self):
        """Kills what is left, before the supervisor looks for the manager itself."""
        def empty():
            for pid in self.pids():
                try:
                    os.kill(pid, 9)
                except ProcessLookupError:
                    pass
            return not self.pids()

        wait_for(empty, DEADLINE_SECS, "the control group of systemd")
        for group in self.groups:
            for path in sorted(group.glob("**/"), key=lambda path: -len(path.parts)):
                self._remove(path)
        self.groups = []

    @staticmethod
    def _remove(path):
        """What has just ended may be counted a moment longer."""
        end = time.monotonic() + DEADLINE_SECS
        while path.exists():
            try:
                path.rmdir()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
