# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent of an endpoint: the real `ucupdatesd` on the lab's bus, and `ucupdatesctl`."""

import json
import os
import pathlib
import shutil

from .process import LabError, run, wait_for

NAME = "org.ucupdates.Agent"
PURPOSES = ("tls", "documents", "payload", "metadata")


class Agent:
    def __init__(self, supervisor, bus, fwupd, directory, builddir, user=None):
        self.supervisor = supervisor
        self.user = user  # an entry of the password database; root without one
        self.bus = bus
        self.fwupd = fwupd
        self.directory = pathlib.Path(directory)
        self.builddir = pathlib.Path(builddir)
        self.sysconf = fwupd.sysconf / "ucupdates"
        self.state = fwupd.localstate / "lib/ucupdates"
        self.process = None
        self.clock = self.directory / "clock-ahead"
        self.ahead_secs = 0
        self.zone = None  # of tzdata; the machine's own without one
        self.run_dir = fwupd.rundir / "ucupdates"
        for path in (self.state, self.run_dir):
            path.mkdir(parents=True, exist_ok=True)
        self.own()
        (self.sysconf / "ucupdates.conf.d").mkdir(parents=True, exist_ok=True)

    def own(self):
        """What StateDirectory= and RuntimeDirectory= of the unit do."""
        if self.user is None:
            return
        for top in (self.state, self.run_dir):
            for path in (top, *top.rglob("*")):
                if path.lstat().st_uid != self.user.pw_uid:
                    os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    @property
    def env(self):
        return {
            **self.fwupd.env,
            "UCUPDATES_SYSCONFDIR": str(self.fwupd.sysconf),
            "UCUPDATES_VENDORDIR": str(self.directory / "vendor"),
            "UCUPDATES_LOCALSTATEDIR": str(self.fwupd.localstate),
            "UCUPDATES_RUNDIR": str(self.fwupd.rundir),
            "UCUPDATES_SYSFSDIR": str(self.directory / "sys"),
            "UCUPDATES_TEST_CLOCK": str(self.clock),
            "UCUPDATES_PROCFS": self.fwupd.env.get("FWUPD_PROCFS", "/proc"),
            **({"TZ": self.zone} if self.zone else {}),
        }

    def pass_time(self, seconds):
        """Let time pass for the agent; the check is the event at which it looks again."""
        self.ahead_secs += seconds
        replacement = self.clock.with_suffix(".new")
        replacement.write_text(str(self.ahead_secs), encoding="utf-8")
        replacement.rename(self.clock)
        return self.ctl("check")

    def trust(self, mirror, recovery=()):
        """Install the organisation's trust bundle, which is all that is preconfigured."""
        bundle = self.directory / "bundle"
        shutil.rmtree(bundle, ignore_errors=True)
        for purpose in PURPOSES:
            (bundle / purpose).mkdir(parents=True)
            for path in mirror.anchors(purpose):
                shutil.copy(path, bundle / purpose)
        for path in recovery:
            (bundle / "recovery").mkdir(exist_ok=True)
            shutil.copy(path, bundle / "recovery")
        result = self.ucupdates_trust("install", bundle)
        if result.returncode != 0:
            raise LabError(f"ucupdates-trust install: {result.stderr}")

    def ucupdates_trust(self, *arguments):
        return run(
            [self.builddir / "trust/ucupdates-trust", *arguments],
            env={**self.env, "LC_ALL": "C.UTF-8"},
        )

    def configure(self, text, name="50-lab.conf"):
        (self.sysconf / "ucupdates.conf.d" / name).write_text(text, encoding="utf-8")

    def spawn(self, env=None):
        """Start it without waiting for its name, which it may never get."""
        self.own()
        self.process = self.supervisor.spawn(
            "ucupdatesd", [self.builddir / "agent/ucupdatesd"],
            {**self.env, "HOME": str(self.state), **(env or {})}, self.user,
        )

    def start(self, env=None):
        self.spawn(env)
        self.bus.wait_for_owner(NAME, self.process)

    def stop(self):
        status = self.process.stop()
        self.supervisor.processes.remove(self.process)
        self.process = None
        return status

    def kill(self):
        self.process.kill()
        self.supervisor.processes.remove(self.process)
        self.process = None

    def ctl(self, *arguments, timeout_secs=60):
        return run(
            [self.builddir / "agent/ucupdatesctl", *arguments],
            env={**self.env, "LC_ALL": "C.UTF-8"},
            timeout_secs=timeout_secs,
        )

    def check(self, status=0):
        """A look for updates that ends so; what it says on standard error."""
        result = self.ctl("check")
        assert result.returncode == status, result.stderr
        return result.stderr

    def json(self, *arguments):
        return json.loads(self.ctl(*arguments, "--json").stdout)

    def hold(self, seconds, why="a call"):
        """A call: an application that holds the inhibitor so long."""
        return self.supervisor.spawn(
            "call",
            [self.builddir / "agent/ucupdatesctl", "inhibit", f"--why={why}", "--", "sleep",
             str(seconds)],
            self.env,
        )

    def discover(self, *arguments):
        return run(
            [self.builddir / "discovery/ucupdates-discover", *arguments],
            env={**self.env, "LC_ALL": "C.UTF-8"},
        )

    def wait_for(self, condition, deadline_secs, what):
        return wait_for(condition, deadline_secs, what, self.process, 0.1)
