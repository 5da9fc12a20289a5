# SPDX-License-Identifier: LGPL-2.1-or-later
"""fwupd, RAUC, or both are killed at each step of an installation, of an activation and of the first
start: before, while and after the real RAUC does it. Afterwards RAUC, fwupd and the slots say the
same, and the next attempt succeeds.

The steps are those at which RAUC starts a program: its handlers, and GRUB's for each look at the boot
loader and each change. UC_RAUC_CUT_STEP=1 takes every step rather than every eleventh.
"""

import concurrent.futures
import os
import shutil

from rauc_lab import needs_rauc, rauc_lab  # noqa: F401
from uclab.fwupd import NAME as FWUPD
from uclab.process import run, wait_for
from uclab.rauc import NAME

STEP = int(os.environ.get("UC_RAUC_CUT_STEP", 11))
STEPS_MAX = 400
SUCCESS = 2

pytestmark = needs_rauc

PROGRAM = """#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
step() {{
	echo "$1 {name} $*" >>{directory}/steps
	test "$(wc -l <{directory}/steps)" = "$(cat {directory}/stop-at)" || return 0
	touch {directory}/stopped
	while ! test -e {directory}/go; do sleep 0.05; done
}}
step before "$@"
{command}
status=$?
step after "$@"
exit $status
"""


class Steps:
    """RAUC stops at one of its steps until it is told to go on."""

    def __init__(self, it):
        self.it, self.directory = it, it.rauc.directory / "programs"
        self.directory.mkdir()
        self.begin(0)
        for name in ("pre-install", "post-install"):
            self._write(name, ":")
        self._write("grub-editenv", f'{shutil.which("grub-editenv")} "$@"')
        it.rauc.configure(handlers={name: self.directory / name
                                    for name in ("pre-install", "post-install")})
        it.rauc.extra_env = {"PATH": f"{self.directory}:{os.environ['PATH']}"}

    def _write(self, name, command):
        path = self.directory / name
        path.write_text(PROGRAM.format(name=name, directory=self.directory, command=command))
        path.chmod(0o755)

    def begin(self, stop_at):
        for name in ("stopped", "go"):
            (self.directory / name).unlink(missing_ok=True)
        (self.directory / "steps").write_text("")
        (self.directory / "stop-at").write_text(f"{stop_at}\n")

    def stopped(self):
        return (self.directory / "stopped").exists()

    def go(self):
        (self.directory / "go").touch()

    def last(self):
        return (self.directory / "steps").read_text().splitlines()[-1:]


def wait_until_idle(bus):
    wait_for(lambda: "idle" in run(
        ["busctl", f"--address={bus.address}", "get-property", NAME, "/", f"{NAME}.Installer",
         "Operation"]).stdout, 60, "RAUC")


class Machine:
    """One machine that lives through all of it; the versions take turns."""

    def __init__(self, it):
        self.it, self.lab = it, it.lab
        self.steps = Steps(it)
        it.start()
        self.packages = {version: it.package(version) for version in ("1.1.0", "1.2.0")}
        self.number = 0

    @property
    def endpoint(self):
        return self.lab.endpoint

    def running_version(self):
        return self.endpoint.slot_version(self.endpoint.running)

    def next_version(self):
        return "1.2.0" if self.running_version() == "1.1.0" else "1.1.0"

    def do(self, phase):
        if phase == "install":
            return self.lab.install(self.packages[self.next_version()])
        if phase == "activate":
            return self.lab.activate()
        return self.lab.bus.wait_for_owner(FWUPD, self.lab.fwupd.process, 60)

    def prepare(self, phase):
        """Up to where the phase begins, without a stop."""
        if phase == "install":
            return
        rc, text = self.do("install")
        assert rc == 0, text
        if phase == "start":
            rc, text = self.do("activate")
            assert rc == 0, text
            self.it.boot()

    def kill(self, victim):
        if victim in ("fwupd", "both"):
            self.lab.fwupd.kill()
        if victim in ("rauc", "both"):
            self.it.rauc.kill()

    def is_there(self):
        result = self.lab.fwupd.fwupdmgr("get-devices", "--json")
        return result.returncode == 0 and self.endpoint.name in result.stdout

    def revive(self, victim):
        self.steps.go()
        if victim in ("rauc", "both"):
            self.it.rauc.start()
        wait_until_idle(self.lab.bus)
        if victim in ("fwupd", "both"):
            self.lab.fwupd.start()
        wait_for(self.is_there, 90, "the endpoint", self.lab.fwupd.process, 0.5)

    def life(self, phase, victim, at):
        """Whether something was killed at that step."""
        self.prepare(phase)
        before = self.endpoint.slot_sha256(self.endpoint.running)
        self.steps.begin(at)
        if phase == "start":
            self.lab.fwupd.spawn()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = pool.submit(self.do, phase)
            wait_for(lambda: self.steps.stopped() or done.done(), 120, f"{phase} {at}")
            stopped = self.steps.stopped()
            if stopped:
                self.kill(victim)
                self.steps.go()
            self.outcome(phase, done)
        what = f"{victim} killed at step {at} of {phase}: {self.steps.last()}"
        self.steps.begin(0)
        if stopped:
            self.revive(victim)
        assert self.endpoint.slot_sha256(self.endpoint.running) == before, what
        self.check_truth(what)
        self.finish(what)
        return stopped

    @staticmethod
    def outcome(phase, done):
        """A daemon that was killed while it started did not start."""
        error = done.exception(120)
        assert error is None or phase == "start", error

    def check_truth(self, what):
        device, env = self.lab.device(), self.it.rauc.env
        other = self.endpoint.other
        flags = set(device["Flags"])
        assert device["Version"] == self.running_version(), what
        assert not {"needs-activation", "needs-reboot"} <= flags, what
        starts = env["ORDER"].split()[0]
        if "needs-reboot" in flags:
            assert starts == other and env[f"{other}_OK"] == "1", what
        else:
            assert starts == self.endpoint.running, what
        if {"needs-activation", "needs-reboot"} & flags:
            assert self.endpoint.slot_version(other) == self.staged_version(), what
        assert self.it.leftovers() == [], what

    def staged_version(self):
        lines = self.lab.state_file().read_text().splitlines()
        return next(line.partition("=")[2] for line in lines if line.startswith("Version="))

    def finish(self, what):
        """The next attempt, whatever the last one left."""
        version = self.next_version()
        rc, text = self.do("install")
        assert rc == 0, f"{what}: {text}"
        rc, text = self.do("activate")
        assert rc == 0, f"{what}: {text}"
        assert self.it.restart() == self.endpoint.running
        device = self.lab.device()
        assert device["Version"] == version, what
        assert self.lab.history()["UpdateState"] == SUCCESS, what
        slot = self.endpoint.running
        env = self.it.rauc.env
        assert (env[f"{slot}_OK"], env[f"{slot}_TRY"]) == ("1", "0"), f"{what}: not marked as good"


def live_all(rauc_lab, phase, first):  # noqa: F811
    """Each victim in turn, life after life, until there is no such step any more."""
    machine = Machine(rauc_lab())
    at, lives = first, 0
    victims = ("fwupd", "rauc", "both")
    while machine.life(phase, victims[lives % 3], at):
        lives, at = lives + 1, at + STEP
        assert at < STEPS_MAX
    print(f"# {phase}: {lives} lives over {at - 1} steps")
    assert lives > 1


def test_install(rauc_lab):  # noqa: F811
    live_all(rauc_lab, "install", 2)


def test_activate(rauc_lab):  # noqa: F811
    live_all(rauc_lab, "activate", 1)


def test_start(rauc_lab):  # noqa: F811
    live_all(rauc_lab, "start", 1)
