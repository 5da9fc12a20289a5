# SPDX-License-Identifier: LGPL-2.1-or-later
"""ucupdates-confirm after a start of the lab's machine; what it asks of systemd is a stand-in."""

import os
import pathlib
import sys

from .process import run, write_program


class Confirm:
    """The program of this build, and what it finds: whether the start was complete, and a systemctl
    that only counts the restarts it is asked for."""

    def __init__(self, lab, builddir, directory):
        self.lab, self.directory = lab, pathlib.Path(directory)
        self.program = pathlib.Path(builddir) / "confirm/ucupdates-confirm"
        self.boot_complete = self.directory / "boot-complete"
        self.boot_complete.write_text("active\n")
        self.restarts = self.directory / "restarts"
        write_program(self.directory / "systemctl", f'echo "$@" >>{self.restarts}')

    def start_systemd(self):
        """On the bus of a lab that was started."""
        program = pathlib.Path(__file__).with_name("fake_systemd.py")
        process = self.lab.supervisor.spawn(
            "systemd", [sys.executable, program, self.boot_complete], self.lab.bus.env)
        self.lab.bus.wait_for_owner("org.freedesktop.systemd1", process, 60)

    def env(self):
        return {**self.lab.fwupd.env, "PATH": f"{self.directory}:{os.environ['PATH']}"}

    def run(self):
        return run([self.program], env=self.env(), timeout_secs=60)

    def restart_count(self):
        return self.restarts.read_text().count("--no-block reboot\n") if \
            self.restarts.exists() else 0
