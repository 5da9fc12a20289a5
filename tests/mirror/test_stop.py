# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reload and stop while endpoints check in: whoever got an answer is in the inventory."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import threading
import time

from mirrorlab import PROGRAM

WAIT_SECS = 60
CLIENTS = 8


class Clients:
    """Each checks in as one new endpoint after the other, on a connection that stays open."""

    def __init__(self, service):
        self.service, self.answered, self.refused, self.broken = service, [], 0, []
        self.threads = [threading.Thread(target=self.run, args=(number,))
                        for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        connection = self.service.connect()
        for count in range(1000000):
            serial = f"AC{number}-{count}"
            body = json.dumps({"format": "ucupdates-checkin-1", "endpoints": [
                {"vendor": "acme", "model": "icon400", "serial": serial}]})
            try:
                connection.request("POST", "/v1/check-in", body,
                                   {"Content-Type": "application/json"})
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(repr(error))
                return
            if response.status == 503:
                self.refused += 1
                return
            assert response.status == 200
            self.answered.append(serial)

    def until(self, count):
        end = time.monotonic() + WAIT_SECS
        while len(self.answered) < count:
            assert time.monotonic() < end and not self.broken, (self.answered, self.broken)
            time.sleep(0.01)

    def join(self):
        for thread in self.threads:
            thread.join(WAIT_SECS)
            assert not thread.is_alive()


def test_under_load(service):
    clients = Clients(service)
    clients.until(100)
    for _ in range(3):
        service.process.send_signal(signal.SIGHUP)
        clients.until(len(clients.answered) + 50)
    assert clients.refused == 0 and clients.broken == [], "nobody notices a reload"
    assert service.stop() == 0
    clients.join()
    with contextlib.closing(sqlite3.connect(service.mirror.root / "mirror.db")) as database:
        known = {serial for (serial,) in database.execute("SELECT serial FROM endpoints")}
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(clients.answered) <= known
    # what was read and not yet answered is in it too, and no more than that
    assert len(known - set(clients.answered)) <= CLIENTS


def caught(process):
    """The signals for which the program has handlers."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    mask = int(re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)[1], 16)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


def test_stopped_as_soon_as_it_says_that_it_listens(mirror):
    """It says so into a pipe that is full: until it goes on, everything a stop needs is there."""
    mirror.run("publish")
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"." * 4096)
    os.set_blocking(writer, True)
    process = subprocess.Popen([PROGRAM, f"--root={mirror.root}", "serve", "--listen=127.0.0.1:0"],
                               stdout=writer)
    os.close(writer)
    try:
        end = time.monotonic() + WAIT_SECS
        while not {signal.SIGTERM, signal.SIGINT, signal.SIGHUP} <= caught(process):
            assert time.monotonic() < end, f"it handles {caught(process)} only"
            time.sleep(0.02)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        with open(reader, "rb") as said:
            assert b"listening on https://" in said.read()
        assert process.wait(timeout=WAIT_SECS) == 0
    finally:
        process.kill()
        process.wait()
