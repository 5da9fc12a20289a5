# SPDX-License-Identifier: LGPL-2.1-or-later
"""Child processes that never outlive the lab: each has a log, a pid that is stopped, a deadline."""

import ctypes
import os
import pathlib
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
STOP_SECS = 10
SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")


class LabError(Exception):
    """Something of the lab did not come up or did not answer; the message says where to look."""


def wait_for(condition, deadline_secs, what, process=None, interval_secs=0.02):
    """Wait until condition() is true and return its value; fail after the deadline."""
    end = time.monotonic() + deadline_secs
    while True:
        value = condition()
        if value:
            return value
        if process is not None and process.poll() is not None:
            raise LabError(f"{what}: {process.describe_end()}")
        if time.monotonic() > end:
            raise LabError(f"{what}: not within {deadline_secs} s")
        time.sleep(interval_secs)


def write_program(path, body):
    """A shell script; its path."""
    path.write_text(f"#!/bin/sh\n# SPDX-License-Identifier: LGPL-2.1-or-later\n{body}\n")
    path.chmod(0o755)
    return path


def sanitizer_env():
    """For a program that is not ours and loads a module of ours in a build with sanitizers."""
    library = os.environ.get("UC_SANITIZER")
    if not library:
        return {}
    # what such a program itself leaks is not ours to find
    return {"LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0"}


def as_user(user):
    """What subprocess needs to run a program as a user of the password database."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _die_with_parent():
    """In the child: a process group of its own, so that what it starts is stopped with it."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A running program of the lab with its log file."""

    def __init__(self, name, argv, log, env, user=None):
        self.name = name
        self.log = pathlib.Path(log)
        self._file = open(self.log, "ab")
        self._popen = subprocess.Popen(
            [str(argument) for argument in argv],
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            env=env,
            preexec_fn=_die_with_parent,
            **as_user(user),
        )
        self.pid = self._popen.pid

    def poll(self):
        return self._popen.poll()

    def log_text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def describe_end(self):
        tail = "\n".join(self.log_text().splitlines()[-15:])
        return f"{self.name} ended with {self._popen.returncode}; its log:\n{tail}"

    def kill(self):
        """SIGKILL, as a power cut or an OOM kill would."""
        if self.poll() is None:
            self._popen.kill()
        self._popen.wait()
        self._kill_group()
        self._file.close()

    def freeze(self):
        """SIGSTOP: it is there and answers nobody."""
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._popen.send_signal(signal.SIGCONT)

    def stop(self):
        """SIGTERM, then SIGKILL after a while; returns the exit status."""
        if self.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(STOP_SECS)
            except subprocess.TimeoutExpired:
                self._popen.kill()
        status = self._popen.wait()
        self._kill_group()
        self._file.close()
        return status

    def _kill_group(self):
        """What the program left behind; the group is still there as long as one of it is."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait_for_log(self, text, deadline_secs=15):
        wait_for(lambda: text in self.log_text(), deadline_secs, f"'{text}' from {self.name}", self)

    def peak_kib(self):
        """Peak resident memory (VmHWM) in KiB."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        return 0


class Supervisor:
    """Starts processes and stops all of them, the last one first, whatever happened."""

    def __init__(self, directory, env=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.env = dict(os.environ if env is None else env)
        self.processes = []

    def spawn(self, name, argv, env=None, user=None):
        log = self.directory / f"{name}.log"
        process = Process(name, argv, log, {**self.env, **(env or {})}, user)
        self.processes.append(process)
        return process

    def stop_all(self):
        while self.processes:
            self.processes.pop().stop()
        self._check_sanitizers()

    def _check_sanitizers(self):
        """In a build with sanitizers, what they found in any log is a failure."""
        for log in sorted(self.directory.glob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            for mark in SANITIZER_MARKS:
                if mark in text:
                    raise LabError(f"{log.name}: {text[text.index(mark):][:4000]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_all()


def run(argv, env=None, timeout_secs=60, cwd=None, check=False, user=None):
    """Run a program to its end; the result has returncode, stdout and stderr as text."""
    result = subprocess.run(
        [str(argument) for argument in argv],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=timeout_secs,
        cwd=cwd,
        check=False,
        **as_user(user),
    )
    if check and result.returncode != 0:
        raise LabError(
            f"{' '.join(map(str, argv))} ended with {result.returncode}:\n"
            f"{result.stdout}{result.stderr}"
        )
    return result
