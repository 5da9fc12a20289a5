# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with many endpoints: one key for all of them, check-ins in parts, lists to read."""
import sqlite3
import uuid

import pytest

from enrolment import MODEL, Key
from mirrorlab import Service, cab_of

MANY = 1000
SOME = 200
PART = 64


@pytest.fixture(name="open_service")
def fixture_open_service(mirror):
    yield from serve(mirror, "open")


@pytest.fixture(name="approval_service")
def fixture_approval_service(mirror):
    yield from serve(mirror, "approval")


def serve(mirror, mode):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.rules(f"[Publish]\nEnrolment={mode}\n")
    mirror.run("publish")
    made = Service(mirror)
    yield made
    assert made.stop() == 0


def many(count=MANY, prefix="AC"):
    return [f"{prefix}{number:04}" for number in range(count)]


def check_in(key, version="1.0.0"):
    """All endpoints of the key, in parts: the sum of downloads, all that was refused."""
    downloads, refused = 0, []
    for first in range(0, len(key.serials), PART):
        status, answer = key.check_in(*key.serials[first:first + PART], version=version)
        assert status == 200, answer
        downloads += answer["downloads"]
        refused += answer["refused"]
    return downloads, refused


def inventory(mirror):
    return {e["serial"]: e["version"] for e in mirror.json("endpoints")["endpoints"]}


def execute(mirror, sql, *values):
    with sqlite3.connect(mirror.root / "mirror.db", timeout=20) as database:
        return database.execute(sql, values).fetchall()


def test_a_thousand(open_service, tmp_path):
    """One claim, one certificate; each check-in stands for itself; the last one's report counts."""
    mirror, sha256 = open_service.mirror, cab_of(open_service.mirror).name[:-4]
    key = Key(tmp_path, open_service, *many()).enrol()
    assert check_in(key) == (MANY, [])
    assert inventory(mirror) == dict.fromkeys(many(), "1.0.0")
    # a part says nothing about those that are not in it
    assert key.check_in(*key.serials[:PART], version="1.0.1")[0] == 200
    assert sorted(inventory(mirror).values()) == ["1.0.0"] * (MANY - PART) + ["1.0.1"] * PART
    assert key.report("success", sha256, key.serials[-1])[0] == 200
    last = mirror.json("endpoints", f"--where=serial={key.serials[-1]}")["endpoints"][0]
    assert last["last_event"] == "success"
    # the same key for one more, beyond all of them
    key.serials = (*key.serials, "BC0001")
    assert check_in(key)[1] == ["BC0001"]
    assert key.ask()[1]["state"] == "issued"
    assert check_in(key) == (MANY + 1, [])
    # and for fewer; what it had stays its own
    key.serials = key.serials[:3]
    assert key.ask()[1]["state"] == "issued"
    assert key.check_in("AC0999")[1]["refused"] == []


def test_limits(open_service, tmp_path):
    """Of a request 1024 endpoints and 256 KiB, of a check-in 64 and 64 KiB; with what is wrong."""
    key = Key(tmp_path, open_service, *many(1025))
    status, answer = key.ask()
    assert status == 413 and "'endpoints'" in answer["error"] and "1024" in answer["error"], answer
    key.serials = tuple(many(1024))
    assert key.ask()[1]["state"] == "waiting"
    assert key.ask(filling="x" * (256 * 1024))[0] == 413
    assert key.ask(filling="x" * (100 * 1024))[0] == 200
    assert open_service.mirror.json("enrol", "sign") == {"signed": 1}
    assert key.ask()[1]["state"] == "issued"
    status, answer = key.check_in(*many(65))
    assert status == 413 and "'endpoints'" in answer["error"] and "64" in answer["error"], answer
    assert key.check_in(*many(64), guids=[str(uuid.UUID(int=n)) for n in range(30)])[0] == 413
    assert key.check_in(*many(64))[0] == 200
    # those that it had before count too
    execute(open_service.mirror, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 1023) INSERT INTO identity_keys SELECT 'serial/old/' || i, 1, 0 FROM n")
    key.serials = ("BC0001", "BC0002")
    status, answer = key.ask()
    assert status == 413 and answer["error"].startswith("one key is for at most 2048 endpoints")
    key.serials = ("BC0001",)
    assert key.ask()[1]["state"] == "issued"


def test_conflicts_to_read(open_service, tmp_path):
    """One line for two keys, whatever they fight about; approved, the second has it all."""
    mirror = open_service.mirror
    first = Key(tmp_path, open_service, *many(SOME)).enrol()
    second = Key(tmp_path, open_service, *many(SOME))
    status, answer = second.ask()
    assert (status, answer["state"], answer["reason"]) == (
        200, "conflict", "another key has the identity serial/acme/AC0000; the administrator decides")
    conflicts = mirror.json("endpoints", "--conflicts")["conflicts"]
    assert [(c["id"], c["identity"], c["held_by"]) for c in conflicts] == [
        (2, f"serial/acme/{serial}", 1) for serial in many(SOME)]
    text = mirror.run("endpoints", "--conflicts").splitlines()
    assert len(text) == 2, text
    assert "serial/acme/AC0000 serial/acme/AC0001 serial/acme/AC0002 and 197 more" in text[1]
    # what it does not ask for any more is none
    second.serials = ("AC0007", "BC0001")
    assert second.ask()[1]["state"] == "conflict"
    assert [c["identity"] for c in mirror.json("endpoints", "--conflicts")["conflicts"]] == [
        "serial/acme/AC0007"]
    third = Key(tmp_path, open_service, "AC0008")
    assert third.ask()[1]["state"] == "conflict"
    assert len(mirror.run("endpoints", "--conflicts").splitlines()) == 3
    second.serials = tuple(many(SOME))
    assert second.ask()[1]["state"] == "conflict"
    mirror.run("endpoint", "approve", "2")
    assert second.ask()[1]["state"] == "issued"
    assert check_in(second) == (SOME, [])
    assert first.check_in("AC0000") == (
        403, {"error": "the key of the client certificate was revoked"})


def test_approval_to_read(approval_service, tmp_path):
    """One line for a key; what a machine gets later waits, and the rest does not."""
    service, mirror = approval_service, approval_service.mirror
    key, few = Key(tmp_path, service, *many(SOME)), Key(tmp_path, service, *many(4, "BC"))
    assert key.ask()[1]["state"] == few.ask()[1]["state"] == "waiting"
    waiting = mirror.json("endpoints", "--waiting")["waiting"]
    assert [len(w["identities"]) for w in waiting] == [SOME, 4]
    text = mirror.run("endpoints", "--waiting").splitlines()
    assert len(text) == 3, text
    assert text[1].endswith("serial/acme/AC0000 serial/acme/AC0001 serial/acme/AC0002 and 197 more")
    assert text[2].endswith(" ".join(few.identities())), "four are shown as they are"
    mirror.run("endpoint", "approve", "1")
    assert key.ask()[1]["state"] == "issued"
    key.serials = (*key.serials, "CC0001")
    assert key.ask()[1]["state"] == "issued"
    assert check_in(key) == (SOME, ["CC0001"])
    assert "  serial/acme/CC0001\n" in mirror.run("endpoints", "--waiting")
    mirror.run("endpoint", "approve", "1")
    assert check_in(key) == (SOME + 1, [])


def test_what_waits_is_bounded(approval_service, tmp_path):
    """A few requests for a thousand each do not fill what others wait in."""
    mirror = approval_service.mirror
    execute(mirror, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
            " INSERT INTO endpoint_keys (key_sha256, name, public_key, state, certificate,"
            " expires_secs, changed_secs) SELECT i, i, '', 'waiting', '', 0, unixepoch() FROM n")
    execute(mirror, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
            " INSERT INTO key_claims SELECT k.id, 'serial/other/' || n.i FROM endpoint_keys AS k, n")
    large = Key(tmp_path, approval_service, *many(65))
    assert large.ask() == (503, {})
    assert execute(mirror, "SELECT count(*), max(key_id) FROM key_claims") == [(100000, 100)]
    assert Key(tmp_path, approval_service, *many(64)).ask()[1]["state"] == "waiting"
    execute(mirror, "DELETE FROM endpoint_keys WHERE id = 1")
    execute(mirror, "DELETE FROM key_claims WHERE key_id = 1")
    assert large.ask()[1]["state"] == "waiting"


def test_a_mirror_without_keys(service):
    """Parts are as good without enrolment."""
    for first in range(0, 200, PART):
        body = {"format": "ucupdates-checkin-1", "machine_id": "a" * 64, "endpoints": [
            {"id": serial, "serial": serial, **MODEL} for serial in many(200)[first:first + PART]]}
        assert service.post("/v1/check-in", body).status == 200
    assert sorted(inventory(service.mirror)) == many(200)
