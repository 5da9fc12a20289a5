# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole machine under qemu's software emulation, driven through its guest agent.

Two machines hear each other over a pair of datagram sockets and nobody else hears them. What a
machine prints on its console, boot loader and kernel included, is kept in one log for all of its
starts.
"""

import base64
import itertools
import json
import os
import pathlib
import re
import socket
import time

from uclab.process import LabError, Process, wait_for

BOOT_SECS = 900
ANSWER_SECS = 5
SAVE_SECS = 200
NICE = 5


class NoAnswer(LabError):
    """The guest agent is not there; the machine starts, goes down, or is gone."""


class Result:
    """Of a script that ended in a machine."""

    def __init__(self, script, returncode, stdout, stderr):
        self.script, self.returncode = script, returncode
        self.stdout, self.stderr = stdout, stderr

    def check(self):
        if self.returncode != 0:
            raise LabError(f"{self.script}\nended with {self.returncode}:\n"
                           f"{self.stdout}{self.stderr}")
        return self.stdout


class GuestAgent:
    """qemu-guest-agent over its virtio port. It may go away at any time, and come back."""

    def __init__(self, path):
        self.path = os.fspath(path)
        self.socket = None
        self.pending = b""
        self.numbers = itertools.count(int(time.time()))

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def _line(self, deadline):
        while b"\n" not in self.pending:
            left_secs = deadline - time.monotonic()
            if left_secs <= 0:
                raise NoAnswer("the guest agent does not answer")
            self.socket.settimeout(left_secs)
            try:
                piece = self.socket.recv(1 << 16)
            except (socket.timeout, OSError) as error:
                raise NoAnswer("the guest agent does not answer") from error
            if not piece:
                raise NoAnswer("the emulator ended")
            self.pending += piece
        line, _, self.pending = self.pending.partition(b"\n")
        return line

    def _ask(self, request, deadline):
        """The answer to it; what the agent says to the bytes of a broken connection is skipped."""
        number = next(self.numbers)
        try:
            self.socket.sendall(json.dumps({**request, "id": number}).encode() + b"\n")
        except OSError as error:
            raise NoAnswer("the emulator ended") from error
        while True:
            answer = json.loads(self._line(deadline).rpartition(b"\xff")[2])
            if answer.get("id") == number:
                break
        if "error" in answer:
            raise LabError(f"{request}: {answer['error']}")
        return answer["return"]

    def connect(self):
        """A fresh connection, with whatever was asked before forgotten."""
        self.close()
        self.pending = b""
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + ANSWER_SECS
        number = next(self.numbers)
        request = {"execute": "guest-sync-delimited", "arguments": {"id": number}}
        try:
            self.socket.connect(self.path)
            self.socket.sendall(b"\xff" + json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise NoAnswer("there is no emulator") from error
        while True:
            line = self._line(deadline)
            _, mark, answer = line.rpartition(b"\xff")
            if mark and json.loads(answer).get("return") == number:
                return

    def execute(self, command, **arguments):
        if self.socket is None:
            self.connect()
        try:
            return self._ask({"execute": command, "arguments": arguments},
                             time.monotonic() + ANSWER_SECS * 4)
        except NoAnswer:
            self.close()
            raise


class Machine:
    """One machine: its disks stay, its emulator comes and goes."""

    def __init__(self, name, directory, disks, network, mac, extra=()):
        self.name = name
        self.directory = pathlib.Path(directory)
        self.disks, self.network, self.mac, self.extra = disks, network, mac, tuple(extra)
        self.console = self.directory / f"{name}-console.log"
        self.process = self.agent = None
        self.boot_id = None
        self.console_seen = 0

    def command(self):
        here, there = self.network
        argv = [
            "nice", "-n", NICE, "qemu-system-x86_64", "-nodefaults", "-display", "none",
            "-accel", "tcg", "-cpu", "qemu64", "-smp", 1, "-m", 1024, "-name", self.name,
            "-rtc", "base=utc,clock=host", "-device", "virtio-rng-pci",
            "-chardev", f"file,id=console,path={self.console},append=on",
            "-serial", "chardev:console",
            "-chardev", f"socket,id=monitor,path={self.directory}/{self.name}.monitor,server=on,"
                        "wait=off", "-mon", "chardev=monitor,mode=control",
            "-chardev", f"socket,id=agent,path={self.directory}/{self.name}.agent,server=on,"
                        "wait=off",
            "-device", "virtio-serial-pci",
            "-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
            "-netdev", f"dgram,id=net,local.type=unix,local.path={self.directory}/{here}.net,"
                       f"remote.type=unix,remote.path={self.directory}/{there}.net",
            "-device", f"virtio-net-pci,netdev=net,mac={self.mac},romfile=",
        ]
        for path, options in self.disks:
            form = "qcow2" if str(path).endswith(".qcow2") else "raw"
            argv += ["-drive", f"file={path},format={form},if=virtio{options}"]
        return argv + list(self.extra)

    def start(self, snapshot=None):
        """Switched on, or in the middle of what a snapshot has."""
        (self.directory / f"{self.network[0]}.net").unlink(missing_ok=True)
        resume = ["-loadvm", snapshot] if snapshot else []
        self.process = Process(self.name, self.command() + resume,
                               self.directory / f"{self.name}-emulator.log", dict(os.environ))
        self.agent = GuestAgent(self.directory / f"{self.name}.agent")

    def save(self, snapshot):
        """Memory and disk as they are, into the disk's image."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(SAVE_SECS)
            monitor.connect(f"{self.directory}/{self.name}.monitor")
            stream = monitor.makefile("rw", encoding="utf-8")
            stream.readline()
            for command, arguments in (
                    ("qmp_capabilities", {}),
                    ("human-monitor-command", {"command-line": f"savevm {snapshot}"})):
                stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
                stream.flush()
                answer = json.loads(stream.readline())
                while "event" in answer:
                    answer = json.loads(stream.readline())
                if answer.get("return"):
                    raise LabError(f"{self.name}: {answer}")

    def kill(self):
        """As when the power goes: what the machine had not yet written to its disks is lost."""
        if self.process is not None:
            self.agent.close()
            self.process.kill()
        self.process = self.boot_id = None

    def run(self, script, deadline_secs=120):
        """A shell script, as root; NoAnswer if the machine goes away meanwhile."""
        end = time.monotonic() + deadline_secs
        pid = self.agent.execute("guest-exec", path="/bin/sh", arg=["-c", script],
                                 **{"capture-output": True})["pid"]
        pause_secs = 0.1
        while True:
            status = self.agent.execute("guest-exec-status", pid=pid)
            if status["exited"]:
                break
            if time.monotonic() > end:
                raise LabError(f"{self.name}: not within {deadline_secs} s: {script}")
            time.sleep(pause_secs)
            pause_secs = min(pause_secs * 1.5, 2)
        text = [base64.b64decode(status.get(key, "")).decode(errors="replace")
                for key in ("out-data", "err-data")]
        return Result(script, status.get("exitcode", -status.get("signal", 0)), *text)

    def do(self, script, deadline_secs=120):
        return self.run(script, deadline_secs).check()

    def json(self, command, deadline_secs=60):
        """What a command prints, whatever its exit status is."""
        return json.loads(self.run(command, deadline_secs).stdout)

    def succeeds(self, script):
        """Whether it does now; False also while the machine is away."""
        try:
            return self.run(script).returncode == 0
        except NoAnswer:
            return False

    def wait(self, script, deadline_secs=300, what=None):
        """Until the script succeeds, across restarts."""
        wait_for(lambda: self.succeeds(script), deadline_secs, what or f"{self.name}: {script}",
                 self.process, 1)

    def _new_boot_id(self):
        try:
            text = self.run("cat /proc/sys/kernel/random/boot_id").check().strip()
        except NoAnswer:
            return None
        return text if text != self.boot_id else None

    def wait_boot(self, deadline_secs=BOOT_SECS):
        """Until it runs, and not as it ran when this was called last."""
        self.boot_id = wait_for(self._new_boot_id, deadline_secs, f"{self.name} starts",
                                self.process, 0.5)
        self.console_seen = len(self.console_text())

    def _find_on_console(self, text):
        at = self.console_text().find(text, self.console_seen)
        if at < 0:
            return False
        self.console_seen = at + len(text)
        return True

    def wait_console(self, text, deadline_secs=BOOT_SECS):
        """Until that is printed, after the last start and after what was waited for last."""
        wait_for(lambda: self._find_on_console(text), deadline_secs, f"{self.name} prints '{text}'",
                 self.process, 0.5)

    def has_restarted(self):
        return self._new_boot_id() is not None

    def console_text(self):
        text = self.console.read_text(encoding="utf-8", errors="replace")
        text = text.replace("\r", "")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
