# SPDX-License-Identifier: LGPL-2.1-or-later
"""An organisation's mirror: the real `ucupdates-mirror`, administered by its commands."""

import contextlib
import json
import pathlib
import threading

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

    @contextlib.contextmanager
    def signing(self):
        """What ucupdates-mirror-enrol.path does: sign whenever there is something to sign."""
        end, failures = threading.Event(), []

        def run_path_unit():
            while not end.wait(0.05):
                if (self.root / "enrol.wanted").exists():
                    result = self.command("enrol", "sign")
                    if result.returncode != 0:
                        failures.append(result.stderr)

        thread = threading.Thread(target=run_path_unit)
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()
        assert not failures, failures

    def stop(self):
        self.process.stop()
        self.supervisor.processes.remove(self.process)
        self.process = None

    def kill(self):
        self.process.kill()
        self.supervisor.processes.remove(self.process)
        self.process = None
