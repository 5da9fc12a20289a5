# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reload and stop while endpoints check in: whoever got an answer is in the inventory."""
import contextlib
import http.client
import json
import signal
import sqlite3
import threading
import time

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
