# SPDX-License-Identifier: LGPL-2.1-or-later
"""An organisation's mirror: the real `ucupdates-mirror`, administered by its commands."""

import json
import pathlib

from . import net
from .cab import sign_checksum
from .process import LabError, run


class Mirror:
    def __init__(self, supervisor, directory, builddir, name="mirror", addresses=None):
        self.supervisor = supervisor
        self.root = pathlib.Path(directory) / name
        self.name = name
        self.program = pathlib.Path(builddir) / "mirror/ucupdates-mirror"
        self.addresses = addresses or [net.MIRROR, net.MIRROR6]
        self.process = None

    def command(self, *arguments):
        """Run one command of the administrator; the result has returncode, stdout and stderr."""
        return run(
            [self.program, f"--root={self.root}", *arguments], env={"LC_ALL": "C.UTF-8"}
        )

    def do(self, *arguments):
        """The same, and it must succeed."""
        result = self.command(*arguments)
        if result.returncode != 0:
            raise LabError(f"ucupdates-mirror {' '.join(map(str, arguments))}: {result.stderr}")
        return result.stdout

    def json(self, *arguments):
        return json.loads(self.do(*arguments, "--json"))

    def init(self, organisation="room.example"):
        self.do("init", f"--organisation={organisation}", "--ca")

    def write_rules(self, text, name="50-lab.conf"):
        (self.root / "rules.d" / name).write_text(text, encoding="utf-8")

    def anchors(self, purpose):
        """The CA certificates of a purpose, as an administrator hands them to endpoints."""
        return sorted((self.root / "trust" / purpose).glob("*.pem"))

    def sign_checksum(self, jcat, filename):
        """Sign a file's checksum with the payload key, as approval does."""
        keys = self.root / "keys/payload"
        sign_checksum(jcat, filename, keys / "leaf.pem", keys / "leaf.key")

    def start(self):
        listen = [
            f"--listen=[{address}]:443" if ":" in address else f"--listen={address}:443"
            for address in self.addresses
        ]
        # what an earlier run of it has said is not what is waited for
        (self.supervisor.directory / f"{self.name}.log").unlink(missing_ok=True)
        self.process = self.supervisor.spawn(
            self.name, [self.program, f"--root={self.root}", "serve", *listen]
        )
        self.process.wait_for_log("listening on")

    def stop(self):
        self.process.stop()
        self.supervisor.processes.remove(self.process)
        self.process = None

    def kill(self):
        self.process.kill()
        self.supervisor.processes.remove(self.process)
        self.process = None
