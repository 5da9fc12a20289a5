# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real, packaged fwupd with this build's plugin, below the lab's directory."""

import json
import os
import pathlib
import shutil

from .first_start import FirstStart
from .process import run, sanitizer_env

DAEMON = "/usr/libexec/fwupd/fwupd"
NAME = "org.freedesktop.fwupd"

CONF = """[fwupd]
IdleTimeout=0
# what looks for an EFI system partition, which a machine without one is warned about
DisabledPlugins=uefi_capsule;uefi_dbx;uefi_sbat
"""


class Fwupd:
    """The daemon on a private bus, and its clients."""

    def __init__(self, supervisor, bus, directory, plugin_dir, extra_env=None, remotes=()):
        self.supervisor = supervisor
        self.bus = bus
        self.directory = pathlib.Path(directory)
        self.sysconf = self.directory / "etc"
        self.localstate = self.directory / "var"
        self.rundir = self.directory / "run"
        self.plugin_dir = pathlib.Path(plugin_dir)
        self.extra_env = dict(extra_env or {})
        self.process = None
        for path in (
            self.sysconf / "fwupd/remotes.d",
            self.sysconf / "pki/fwupd",
            self.sysconf / "pki/fwupd-metadata",
            self.localstate / "lib/fwupd",
            self.localstate / "cache/fwupd",
            self.rundir,
            self.directory / "plugins",
        ):
            path.mkdir(parents=True, exist_ok=True)
        (self.sysconf / "fwupd/fwupd.conf").write_text(CONF, encoding="utf-8")
        for remote in remotes:
            shutil.copy(remote, self.sysconf / "fwupd/remotes.d")
        self.first_start = FirstStart(self.localstate)
        self._copy_plugin()

    def _copy_plugin(self):
        """A directory with our plugin alone; fwupd takes no symbolic links there."""
        for module in self.plugin_dir.glob("libfu_plugin_*.so"):
            shutil.copy(module, self.directory / "plugins")

    @property
    def env(self):
        """What a client or the daemon needs in its environment."""
        return {
            **self.bus.env,
            "FWUPD_LIBDIR_PKG": str(self.directory / "plugins"),
            "FWUPD_LOCALSTATEDIR": str(self.localstate),
            "FWUPD_SYSCONFDIR": str(self.sysconf),
            "FWUPD_RUNDIR": str(self.rundir),
            "FWUPD_LOCKDIR": str(self.rundir),
            "FWUPD_MACHINE_ID": "0123456789abcdef0123456789abcdef",
            "FWUPD_POLKIT_NOCHECK": "1",
            "FWUPD_IGNORE_NETWORK_REACHABLE": "1",
            **self.extra_env,
        }

    def trust(self, payload=(), metadata=()):
        """Install CA certificates where fwupd looks for them."""
        for path in payload:
            shutil.copy(path, self.sysconf / "pki/fwupd")
        for path in metadata:
            shutil.copy(path, self.sysconf / "pki/fwupd-metadata")

    def spawn(self):
        """Start it without waiting for its name."""
        self.first_start.take()
        self.process = self.supervisor.spawn("fwupd", [DAEMON], {**self.env, **sanitizer_env()})

    def start(self):
        self.spawn()
        self.bus.wait_for_owner(NAME, self.process, 120)
        self.first_start.keep()

    def stop(self):
        self.process.stop()
        self.supervisor.processes.remove(self.process)

    def kill(self):
        self.process.kill()
        self.supervisor.processes.remove(self.process)

    def restart(self):
        self.stop()
        self.start()

    def fwupdmgr(self, *arguments, timeout_secs=120):
        """Run fwupdmgr; the result has returncode, stdout and stderr."""
        bell = os.environ.get("UC_QUIET_BELL")
        return run(
            ["fwupdmgr", "-y", "--no-reboot-check", *arguments],
            env={**self.env, "LC_ALL": "C.UTF-8", **({"LD_PRELOAD": bell} if bell else {})},
            timeout_secs=timeout_secs,
        )

    def json(self, *arguments):
        """Run `fwupdmgr --json` and return what it printed."""
        result = self.fwupdmgr(*arguments, "--json")
        # it rings the terminal's bell for requests, also before JSON
        return json.loads(result.stdout.lstrip("\a"))

    def devices(self):
        """The devices of our plugin, by name."""
        return {
            device["Name"]: device
            for device in self.json("get-devices")["Devices"]
            if device.get("Plugin") == "uc_endpoint"
        }
