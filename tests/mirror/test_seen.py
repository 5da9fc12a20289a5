# SPDX-License-Identifier: LGPL-2.1-or-later
"""Endpoints that say what they said before: answered from memory, and no answer is an old one."""
import contextlib
import datetime
import sqlite3
import time

from enrolment import Key
from mirrorlab import Service
from test_enrol import fixture_open_service  # noqa: F401
from test_reports import check_in

WAIT_SECS = 60


def query(mirror, sql, *values):
    with contextlib.closing(sqlite3.connect(mirror.root / "mirror.db")) as database, database:
        return database.execute(sql, values).fetchall()


def seen_secs(mirror, serial):
    rows = query(mirror, "SELECT seen_secs FROM seen JOIN endpoints ON id = endpoint_id"
                         " WHERE serial = ?", serial)
    return rows[0][0] if rows else None


def until_seen(mirror, serial, ask):
    """Says the same until that is in the database, half a second later."""
    end = time.monotonic() + WAIT_SECS
    while seen_secs(mirror, serial) is None:
        assert time.monotonic() < end, "it is never taken as the same"
        ask()
        time.sleep(0.1)
    return seen_secs(mirror, serial)


def at(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())


def versions(mirror, serial):
    return {v["version"]: at(v["last"]) for v in mirror.json("endpoint", serial)["versions"]}


def test_it_is_seen(service):
    """Also its version, until it says another one."""
    mirror = service.mirror
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1"))
    service.stop()
    query(mirror, "UPDATE endpoints SET last_seen_secs = 1000000000")
    query(mirror, "UPDATE versions SET last_secs = 1000000000")
    query(mirror, "UPDATE seen SET seen_secs = 1000005000")
    assert at(mirror.json("endpoints")["endpoints"][0]["last_seen"]) == 1000005000
    assert versions(mirror, "AC1") == {"1.0.0": 1000005000}
    service = Service(mirror)
    check_in(service, "AC1", "1.1.0")
    assert service.stop() == 0
    assert versions(mirror, "AC1")["1.0.0"] == 1000005000
    assert versions(mirror, "AC1")["1.1.0"] > 1000005000
    assert query(mirror, "SELECT * FROM seen") == []


def test_what_is_on_record_is_not_written_again(service):
    """After a restart, when nothing is in memory: only that it was seen; all else when it changes."""
    mirror = service.mirror
    check_in(service, "AC1")
    service.stop()
    query(mirror, "UPDATE endpoints SET last_seen_secs = 1000000000")
    query(mirror, "UPDATE versions SET last_secs = 1000000000")
    service = Service(mirror)
    assert check_in(service, "AC1")["downloads"] == 1
    assert query(mirror, "SELECT last_seen_secs FROM endpoints") == [(1000000000,)]
    assert seen_secs(mirror, "AC1") > 1000000000
    assert versions(mirror, "AC1")["1.0.0"] == seen_secs(mirror, "AC1")
    # the clock was put back: never seen before it was on record
    query(mirror, "UPDATE endpoints SET last_seen_secs = 4000000000")
    check_in(service, "AC1")
    assert query(mirror, "SELECT last_seen_secs FROM endpoints")[0][0] < 4000000000
    assert seen_secs(mirror, "AC1") is None
    query(mirror, "UPDATE endpoints SET last_seen_secs = 1000000000")
    check_in(service, "AC1", "1.1.0")
    assert query(mirror, "SELECT last_seen_secs FROM endpoints")[0][0] > 1000000000
    assert seen_secs(mirror, "AC1") is None
    assert service.stop() == 0


def test_it_is_on_the_disk_at_the_end(service):
    """What was answered just before the service ends."""
    mirror = service.mirror
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1"))
    query(mirror, "DELETE FROM seen")
    for _ in range(2):  # the first one is read again, because another program was at work
        check_in(service, "AC1")
    assert service.stop() == 0
    assert seen_secs(mirror, "AC1") is not None


def test_every_answer_is_new(service):
    mirror = service.mirror
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1"))
    assert check_in(service, "AC1")["updates"][0]["version"] == "1.1.0"
    mirror.run("approve", mirror.add_version("1.2.0")["id"])
    assert check_in(service, "AC1")["updates"][0]["version"] == "1.1.0", "not published yet"
    mirror.run("publish")
    assert check_in(service, "AC1")["updates"][0]["version"] == "1.2.0"
    until_seen(mirror, "AC2", lambda: check_in(service, "AC2", "1.2.0"))
    assert check_in(service, "AC2", "1.2.0")["downloads"] == 0
    assert check_in(service, "AC2", "1.0.0")["downloads"] == 1
    assert check_in(service, "AC2", "1.2.0")["downloads"] == 0
    assert query(mirror, "SELECT version FROM endpoints WHERE serial = 'AC2'") == [("1.2.0",)]


def test_versions_of_one_second(service):
    """Which of them it still has is not guessed from times that are the same."""
    mirror = service.mirror
    for version in ("1.0.0", "0.9.0", "1.1.0"):
        check_in(service, "AC1", version)
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1", "1.1.0"))
    service.stop()
    query(mirror, "UPDATE seen SET seen_secs = 2000000000")
    last = versions(mirror, "AC1")
    assert last["1.1.0"] == 2000000000
    assert max(last["1.0.0"], last["0.9.0"]) < 2000000000


def test_forgotten_and_back(service):
    mirror = service.mirror
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1"))
    mirror.run("forget", "AC1")
    assert query(mirror, "SELECT * FROM seen") == []
    check_in(service, "AC1")
    assert [e["serial"] for e in mirror.json("endpoints")["endpoints"]] == ["AC1"]


def test_retention(service):
    """Who was seen lately is kept, whenever it said something new."""
    mirror = service.mirror
    until_seen(mirror, "AC1", lambda: check_in(service, "AC1"))
    until_seen(mirror, "AC2", lambda: check_in(service, "AC2"))
    service.stop()
    query(mirror, "UPDATE endpoints SET last_seen_secs = last_seen_secs - 11 * 86400")
    query(mirror, "UPDATE seen SET seen_secs = seen_secs - 11 * 86400 WHERE endpoint_id ="
                  " (SELECT id FROM endpoints WHERE serial = 'AC2')")
    mirror.rules("[Publish]\nRetentionDays=10\n")
    mirror.run("publish")
    assert query(mirror, "SELECT serial FROM endpoints") == [("AC1",)]
    assert len(query(mirror, "SELECT * FROM seen")) == 1


def test_a_key_that_ends(open_service, tmp_path):
    mirror, key = open_service.mirror, Key(tmp_path, open_service, "AC1").enrol()
    until_seen(mirror, "AC1", key.check_in)
    status, answer = key.check_in()
    assert (status, answer["downloads"], answer["refused"]) == (200, 1, [])
    # the same bytes with another key, and without one, are not the same
    other = Key(tmp_path, open_service, "AC2").enrol()
    status, answer = other.check_in("AC1")
    assert (status, answer["downloads"], answer["refused"]) == (200, 0, ["AC1"])
    key.certificate.rename(key.key.with_suffix(".aside"))
    assert key.check_in()[0] == 403
    key.key.with_suffix(".aside").rename(key.certificate)
    for _ in range(2):
        assert key.check_in()[0] == 200
    mirror.run("forget", "AC1")
    assert key.check_in() == (403, {"error": "the key of the client certificate was revoked"})
