# SPDX-License-Identifier: LGPL-2.1-or-later
"""The keys of endpoints: how they get certificates, what these are worth, and how they end."""
import contextlib
import datetime
import hashlib
import json
import os
import sqlite3
import stat
import subprocess

import pytest

from enrolment import MODEL, Key, certtool, claim
from mirrorlab import PROGRAM, Service, cab_of


@pytest.fixture(name="open_service")
def fixture_open_service(mirror):
    yield from serve(mirror, "open")


def serve(mirror, mode, *options, rules=""):
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.rules(f"[Publish]\nEnrolment={mode}\n{rules}")
    mirror.run("publish")
    made = Service(mirror, *options)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            assert made.stop() == 0


def test_none_by_default(service, tmp_path):
    assert "enrolment_path" not in service.mirror.document(".well-known/ucupdates.json")
    assert not (service.mirror.root / "keys/endpoints").exists()
    status, answer = Key(tmp_path, service, "AC1").ask()
    assert (status, answer) == (404, {"error": "endpoints do not enrol here"})
    assert "endpoints do not enrol here until [Publish] Enrolment=" in service.mirror.run(
        "enrol", "sign", status=1)


def test_rules(mirror):
    for text, sentence in (("Enrolment=yes", "is 'yes', expected none, open, token or approval"),
                           ("EnrolmentDays=0", "expected a number of days from 1 to 400")):
        mirror.rules(f"[Publish]\n{text}\n")
        assert sentence in mirror.run("publish", "--check", status=1)


def test_open(open_service, tmp_path):
    service, mirror = open_service, open_service.mirror
    assert mirror.document(".well-known/ucupdates.json")["enrolment_path"] == "v1/enrol"
    ca = mirror.root / "keys/endpoints"
    assert stat.S_IMODE(os.stat(ca / "ca.key").st_mode) == 0o600
    key = Key(tmp_path, service, "AC1")
    refused = {"error": "this service knows endpoints by a client certificate, and there is none "
                        "that counts; enrol first"}
    assert key.check_in() == (403, refused)
    assert key.report("failed", "0" * 64) == (403, refused)
    key.enrol()
    text = certtool("--certificate-info", "--infile", key.certificate)
    assert "TLS WWW Client" in text and "AC1" not in text and "acme" not in text, "opaque"
    status, answer = key.check_in()
    assert (status, answer["downloads"], answer["refused"]) == (200, 1, [])
    assert key.report("success", cab_of(mirror).name[:-4])[0] == 200
    assert [e["serial"] for e in mirror.json("endpoints")["endpoints"]] == ["AC1"]
    # asked again it is the same one, and nothing is signed
    before = key.certificate.read_text()
    assert key.ask()[1]["certificate"] == before
    assert mirror.json("enrol", "sign") == {"signed": 0}


def test_a_kept_connection(open_service, tmp_path):
    """The certificate is that of all requests on it, whatever the first one was."""
    key = Key(tmp_path, open_service, "AC1", "AC2", "AC3").enrol()
    connection = key.connect()
    for path, serial in (("/policy.json", None), ("/v1/check-in", "AC1"), ("/policy.json", None),
                         ("/v1/check-in", "AC2"), ("/v1/check-in", "AC3")):
        body = json.dumps({"format": "ucupdates-checkin-1", "endpoints": [
            {"id": serial, "serial": serial, **MODEL}]}) if serial else None
        connection.request("POST" if serial else "GET", path, body,
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 200, answer
        assert not serial or answer["refused"] == []
    connection.close()
    assert sorted(e["serial"] for e in open_service.mirror.json("endpoints")["endpoints"]) == [
        "AC1", "AC2", "AC3"]
    # and nobody else's: without one there is none on the next connection
    key.certificate.unlink()
    assert key.check_in("AC1")[0] == 403


@pytest.mark.parametrize("key_type", ["rsa", "ed25519"])
def test_other_keys(open_service, tmp_path, key_type):
    assert Key(tmp_path, open_service, "AC1", key_type=key_type).enrol().check_in()[0] == 200


def test_what_is_no_request(open_service, tmp_path):
    key = Key(tmp_path, open_service, "AC1")
    cases = (
        ({"format": "x"}, 400, "member 'format' is 'x'"),
        ({"csr": "x"}, 400, "member 'csr': no certificate request"),
        ({"csr": key.csr("f" * 64)}, 400, "its challengePassword is 'ffff"),
        ({"endpoints": []}, 400, "member 'endpoints' is empty"),
        ({"endpoints": [{"id": "codec"}]}, 400, "nothing tells the endpoint from others"),
        ({"endpoints": [{"vendor": "acme", "serial": "AC2"}]}, 400, "challengePassword"),
        ({"csr": "x" * 20000}, 413, "longer than 16384"),
    )
    for change, status, sentence in cases:
        got = key.ask(**change)
        assert got[0] == status and sentence in got[1]["error"], (change, got)
    assert open_service.mirror.json("endpoints", "--waiting") == {"waiting": []}


def test_a_weak_key(open_service, tmp_path):
    key = Key(tmp_path, open_service, "AC1")
    certtool("--generate-privkey", "--key-type=rsa", "--bits=1024", "--outfile", key.key)
    status, answer = key.ask()
    assert status == 400 and "RSA with 1024 bits, expected ECDSA" in answer["error"]


def test_second_key_is_a_conflict(open_service, tmp_path):
    mirror = open_service.mirror
    first = Key(tmp_path, open_service, "AC1").enrol()
    first.check_in()
    second = Key(tmp_path, open_service, "AC1")
    for _ in range(2):
        status, answer = second.ask()
        assert (status, answer["state"], answer["reason"]) == (
            200, "conflict", "another key has the identity serial/acme/AC1; the administrator decides")
    assert mirror.json("enrol", "sign") == {"signed": 0}
    assert second.check_in()[0] == 403
    conflict, = mirror.json("endpoints", "--conflicts")["conflicts"]
    assert (conflict["id"], conflict["identity"], conflict["held_by"]) == (2, "serial/acme/AC1", 1)
    assert "serial/acme/AC1" in mirror.run("endpoints", "--conflicts")
    assert first.check_in()[0] == 200, "it loses nothing"
    mirror.run("endpoint", "deny", "2")
    assert mirror.json("endpoints", "--conflicts") == {"conflicts": []}
    assert second.ask() == (403, {"error": "the administrator has denied this key"})
    assert "there is no key '9'" in mirror.run("endpoint", "deny", "9", status=1)
    assert [act["act"] for act in mirror.json("audit")["acts"]].count("endpoint deny") == 1


def test_an_enrolled_key_claims_another(open_service, tmp_path):
    """A stolen key, or one that lies, gets nothing of what belongs to others."""
    mirror, sha256 = open_service.mirror, cab_of(open_service.mirror).name[:-4]
    victim = Key(tmp_path, open_service, "AC1").enrol()
    victim.check_in()
    thief = Key(tmp_path, open_service, "AC2").enrol()
    status, answer = thief.check_in("AC1", "AC2", version="9.9.9")
    assert (status, answer["refused"]) == (200, ["AC1"])
    assert {e["serial"]: e["version"] for e in mirror.json("endpoints")["endpoints"]} == {
        "AC1": "1.0.0", "AC2": "9.9.9"}
    assert [c["identity"] for c in mirror.json("endpoints", "--conflicts")["conflicts"]] == [
        "serial/acme/AC1"]
    assert thief.report("failed", sha256, "AC1") == (
        403, {"error": "the key of the client certificate is not that of serial/acme/AC1"})
    # what it claims beside its own is not held against its own
    thief.serials = ("AC1", "AC2")
    assert thief.ask()[1]["state"] == "issued"
    assert thief.check_in()[1]["refused"] == ["AC1"]
    # one that nobody has has to be enrolled too
    assert thief.check_in("AC3")[1]["refused"] == ["AC3"]
    thief.serials = ("AC2", "AC3")
    assert thief.ask()[1]["state"] == "issued"
    assert thief.check_in()[1]["refused"] == []


def test_tokens_that_nobody_asks_for(mirror):
    """Said on standard error, so that a script gets its tokens all the same."""
    for text, sentence in (("", "none"), ("Enrolment=open\n", "open"), ("Enrolment=token\n", None)):
        mirror.rules(f"[Publish]\n{text}")
        done = subprocess.run([PROGRAM, f"--root={mirror.root}", "enrol", "token"], check=True,
                              capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"})
        assert len(done.stdout) == 33
        assert done.stderr == ("" if sentence is None else (
            "ucupdates-mirror: tokens are asked for with [Publish] Enrolment=token only, and the "
            f"rules have {sentence}\n"))


def test_token(mirror, tmp_path):
    for service in serve(mirror, "token"):
        first, other = mirror.json("enrol", "token", "--count=2")["tokens"]
        assert len(first) == 32 and first != other
        assert first.encode() not in (mirror.root / "mirror.db").read_bytes()
        key = Key(tmp_path, service, "AC1")
        assert key.ask() == (403, {"error": "a key needs a one-time token to enrol here, and there "
                                            "is none in the request"})
        wrong = {"error": "the one-time token is wrong, over, or was used already"}
        assert key.ask(token="0" * 32) == (403, wrong)
        key.enrol(token=first)
        thief = Key(tmp_path, service, "AC2")
        assert thief.ask(token=first) == (403, wrong)
        # a conflict does not use one up
        again = Key(tmp_path, service, "AC1")
        assert again.ask(token=other)[1]["state"] == "conflict"
        thief.enrol(token=other)
        # whoever lost the answer asks again with the token that is used
        assert key.ask(token=first)[1]["state"] == "issued"
        with sqlite3.connect(mirror.root / "mirror.db") as database:
            database.execute("UPDATE enrol_tokens SET used_secs = 0, expires_secs = 1")
        assert Key(tmp_path, service, "AC4").ask(token=first) == (403, wrong), "over"


def test_approval(mirror, tmp_path):
    for service in serve(mirror, "approval"):
        key, stranger = Key(tmp_path, service, "AC1", "AC2"), Key(tmp_path, service, "AC3")
        for each in (key, stranger):
            status, answer = each.ask()
            assert (status, answer["state"], answer["retry_secs"]) == (200, "waiting", 600)
        assert not (mirror.root / "enrol.wanted").exists()
        assert mirror.json("enrol", "sign") == {"signed": 0}
        waiting = mirror.json("endpoints", "--waiting")["waiting"]
        assert [(w["id"], w["identities"]) for w in waiting] == [
            (1, ["serial/acme/AC1", "serial/acme/AC2"]), (2, ["serial/acme/AC3"])]
        assert "serial/acme/AC1 serial/acme/AC2" in mirror.run("endpoints", "--waiting")
        mirror.run("endpoint", "approve", "1")
        mirror.run("endpoint", "deny", "2")
        assert mirror.json("endpoints", "--waiting") == {"waiting": []}
        assert key.ask()[1]["state"] == "issued"
        assert stranger.ask()[0] == 403
        assert key.check_in()[1]["refused"] == []
        # a further endpoint waits, and the key does not
        key.serials = ("AC1", "AC2", "AC4")
        assert key.ask()[1]["state"] == "issued"
        assert key.check_in()[1]["refused"] == ["AC4"]
        assert mirror.json("endpoints", "--waiting")["waiting"][0]["identities"] == [
            "serial/acme/AC4"]
        mirror.run("endpoint", "approve", "1")
        assert key.check_in()[1]["refused"] == []
        # denied by mistake
        mirror.run("endpoint", "approve", "2")
        assert stranger.ask()[1]["state"] == "issued"


def test_the_database_cannot_approve(mirror, tmp_path):
    """Whoever broke into the service can write the database, and gets no certificate by that."""
    for service in serve(mirror, "approval"):
        key = Key(tmp_path, service, "AC1")
        key.ask()
        with sqlite3.connect(mirror.root / "mirror.db") as database:
            database.execute("UPDATE endpoint_keys SET state = 'wanted'")
        assert mirror.json("enrol", "sign") == {"signed": 0}
        mirror.run("endpoint", "approve", "1")
        assert key.ask()[1]["state"] == "issued"
        other = Key(tmp_path, service, "AC2")
        other.ask()
        with sqlite3.connect(mirror.root / "mirror.db") as database:
            database.execute("UPDATE endpoint_keys SET state = 'wanted', certificate = (SELECT"
                             " certificate FROM endpoint_keys WHERE id = 1)")
        assert mirror.json("enrol", "sign") == {"signed": 1}, "its own again, not the other's"
        assert other.ask()[1]["state"] == "waiting"


def test_replaced_by_the_administrator(open_service, tmp_path):
    """The same endpoint with a new disk: history stays, the key before is worth nothing."""
    mirror, sha256 = open_service.mirror, cab_of(open_service.mirror).name[:-4]
    old = Key(tmp_path, open_service, "AC1").enrol()
    old.check_in(version="0.9.0")
    old.report("failed", sha256)
    new = Key(tmp_path, open_service, "AC1")
    assert new.ask()[1]["state"] == "conflict"
    mirror.run("endpoint", "approve", "2")
    assert mirror.json("endpoints", "--conflicts") == {"conflicts": []}
    assert new.ask()[1]["state"] == "issued"
    assert new.check_in()[0] == 200
    assert [v["version"] for v in mirror.json("endpoint", "AC1")["versions"]] == ["0.9.0", "1.0.0"]
    revoked = {"error": "the key of the client certificate was revoked"}
    assert old.check_in() == (403, revoked)
    assert old.report("failed", sha256) == (403, revoked)
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        assert database.execute("SELECT count(*) FROM votes").fetchone() == (0,)


def test_an_endpoint_shows_its_keys(open_service, tmp_path):
    """Fingerprint, since when, until when, and who else claims to be it."""
    mirror = open_service.mirror
    key = Key(tmp_path, open_service, "AC1").enrol()
    key.check_in(room="Berlin", zone="Europe/Berlin", user="\x1b[31mcarol")
    (own,) = mirror.json("endpoint", "AC1")["keys"]
    public = subprocess.run(["openssl", "pkey", "-in", key.key, "-pubout", "-outform", "DER"],
                            check=True, capture_output=True).stdout
    assert own["key_sha256"] == hashlib.sha256(public).hexdigest()
    assert (own["id"], own["state"]) == (1, "issued") and own["since"] < own["expires"]
    second = Key(tmp_path, open_service, "AC1")
    assert second.ask()[1]["state"] == "conflict"
    keys = mirror.json("endpoint", "AC1")["keys"]
    assert [(k["id"], k["state"], "expires" in k) for k in keys] == [
        (1, "issued", True), (2, "conflict", False)]
    text = mirror.run("endpoint", "AC1")
    for words in (["KEY", "STATE", "SINCE", "CERTIFICATE", "UNTIL", "SHA-256"],
                  ["1", "issued", own["since"], own["expires"], own["key_sha256"]],
                  ["2", "conflict", keys[1]["since"], "-", keys[1]["key_sha256"]],
                  ["Room", "Berlin"], ["Time", "zone", "Europe/Berlin"]):
        assert words in [line.split() for line in text.splitlines()], text
    assert "\x1b" not in text
    mirror.run("endpoint", "approve", "2")
    assert [(k["id"], k["state"]) for k in mirror.json("endpoint", "AC1")["keys"]] == [
        (2, "issued")]


def test_forget_revokes(open_service, tmp_path):
    mirror = open_service.mirror
    key = Key(tmp_path, open_service, "AC1", "AC2").enrol()
    key.check_in()
    assert "revoked" in mirror.run("forget", "AC1")
    assert key.check_in() == (403, {"error": "the key of the client certificate was revoked"})
    status, answer = key.ask()
    assert status == 403 and answer["error"].startswith("this key was revoked; an endpoint that")
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        for table in ("key_claims", "identity_keys", "key_conflicts"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        assert database.execute("SELECT public_key, certificate FROM endpoint_keys").fetchall() == [
            ("", "")]
    # a new key is a new endpoint
    assert Key(tmp_path, open_service, "AC1").enrol().check_in()[0] == 200


def test_renewal(mirror, tmp_path):
    for service in serve(mirror, "token", rules="EnrolmentDays=3\n"):
        token, = mirror.json("enrol", "token")["tokens"]
        key = Key(tmp_path, service, "AC1").enrol(token=token)
        before = key.certificate.read_text()
        with sqlite3.connect(mirror.root / "mirror.db") as database:
            until, = database.execute("SELECT expires_secs FROM endpoint_keys").fetchone()
            now = datetime.datetime.now().timestamp()
            assert abs(until - now - 3 * 86400) < 600
            database.execute("UPDATE endpoint_keys SET expires_secs = ?", (int(now) + 80000,))
        key.enrol()
        assert key.certificate.read_text() != before
        assert key.check_in()[0] == 200
        # asked for without a certificate, because it has expired: the key proves itself
        key.certificate.unlink()
        assert key.ask()[1]["state"] == "issued"


def test_a_certificate_of_another_ca(open_service, tmp_path):
    """Also one with the name of an enrolled key, and one that has expired."""
    key = Key(tmp_path, open_service, "AC1").enrol()
    name = [line.split("CN=")[1] for line in
            certtool("--certificate-info", "--infile", key.certificate).splitlines()
            if "Subject: CN=" in line][0]
    template = tmp_path / "template"
    template.write_text(f'cn = "{name}"\ntls_www_client\nexpiration_days = 9\n')
    certtool("--generate-self-signed", "--load-privkey", key.key, "--template", template,
             "--outfile", key.certificate)
    assert key.check_in()[0] == 403
    ca = open_service.mirror.root / "keys/endpoints"
    template.write_text(f'cn = "{name}"\ntls_www_client\nactivation_date = "2026-01-01 00:00:00"\n'
                        'expiration_date = "2026-01-02 00:00:00"\n')
    certtool("--generate-certificate", "--load-privkey", key.key, "--template", template,
             "--load-ca-certificate", ca / "ca.pem", "--load-ca-privkey", ca / "ca.key",
             "--outfile", key.certificate)
    assert key.check_in()[0] == 403
    assert key.ask()[1]["state"] == "issued", "and it can ask for a new one with it"
    assert key.check_in()[0] == 200


def test_pending_is_for_the_key_of_the_test_device(open_service, tmp_path):
    """A false identity asks for pending releases: the same serial or MAC address, another vendor."""
    mirror, mac = open_service.mirror, "00:04:f2:00:00:09"
    mirror.add_version("1.2.0")
    for name in ("T1", mac):
        mirror.run("test-device", "add", name)
    mirror.run("publish")
    real, other = Key(tmp_path, open_service, "T1").enrol(), Key(tmp_path, open_service, "T2").enrol()
    assert real.check_in()[1]["updates"][0]["version"] == "1.2.0"
    assert other.check_in(mac_address=mac)[1]["updates"][0]["version"] == "1.2.0"
    for serial, address in (("X1", mac), ("T1", "00:04:f2:00:00:08")):
        false = Key(tmp_path, open_service, serial)
        false.identities = lambda serial=serial: [f"serial/other/{serial}"]
        claimed = [{"vendor": "other", "serial": serial}]
        false.ask(endpoints=claimed)
        mirror.run("enrol", "sign")
        assert false.ask(endpoints=claimed)[1]["state"] == "issued"
        status, answer = false.check_in(serial, vendor="other", mac_address=address, guids=guids(mirror))
        assert (status, answer["refused"]) == (200, [])
        assert [u["version"] for u in answer["updates"]] == ["1.1.0"], serial
    # and without its key not even the right name
    assert Key(tmp_path, open_service, "T1").check_in()[0] == 403
    # what is foretold knows that too
    for name in ("T1", mac):
        mirror.run("test-device", "remove", name)
    assert {(c["vendor"], c["before"], c["after"]) for c in mirror.json("publish", "--dry-run")["changes"]} == {
        ("acme", "1.2.0", "1.1.0")}


def guids(mirror):
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        return [row[0] for row in database.execute("SELECT DISTINCT guid FROM package_guids")]


def test_one_key_has_one_vote(open_service, tmp_path):
    """Failures reported to halt a rollout: by no key, a foreign one, and one for many endpoints."""
    mirror, sha256 = open_service.mirror, cab_of(open_service.mirror).name[:-4]
    mirror.rules("[Policy]\nHaltMinimum=2\nHaltPercent=1\n", "60.conf")
    many = Key(tmp_path, open_service, *[f"AC{number}" for number in range(8)]).enrol()
    many.check_in()
    for number in range(8):
        assert many.report("failed", sha256, f"AC{number}")[0] == 200
    mirror.run("publish")
    assert mirror.json("list")["packages"][0]["halted"] is False
    another = Key(tmp_path, open_service, "BC1").enrol()
    another.check_in()
    assert another.report("success", sha256)[0] == 200
    mirror.run("publish")
    assert mirror.json("list")["packages"][0]["halted"] is True
    assert "1 of 2" in mirror.json("audit")["acts"][-2]["subject"]


@contextlib.contextmanager
def running(mirror, *options):
    made = Service(mirror, *options)
    try:
        yield made
    finally:
        assert made.stop() == 0


def test_from_outside(mirror, tmp_path):
    """A certificate is as good as a password; whoever has neither cannot even enrol."""
    for service in serve(mirror, "open", "--network=192.0.2.0/24"):
        key = Key(tmp_path, service, "AC1")
        status, answer = key.ask()
        assert status == 403 and "in none of the networks" in answer["error"]
    with running(mirror) as key.service:
        key.enrol()
    with running(mirror, "--network=192.0.2.0/24") as key.service:
        assert key.check_in()[0] == 200
        assert key.request("/policy.json", None, "GET")[0] == 200
        mirror.run("forget", "AC1")
        assert key.request("/policy.json", None, "GET")[0] == 403


def test_a_backup_without_the_key(open_service, tmp_path):
    """Yesterday's database does not know it; its certificate of our CA says that it was accepted."""
    mirror = open_service.mirror
    open_service.stop()
    backup = (mirror.root / "mirror.db").read_bytes()
    with running(mirror) as service:
        key = Key(tmp_path, service, "AC1").enrol()
    (mirror.root / "mirror.db").write_bytes(backup)
    mirror.rules("[Publish]\nEnrolment=token\n")
    mirror.run("publish")
    with running(mirror) as key.service:
        assert key.check_in() == (403, {"error": "the key of the client certificate is not "
                                                 "enrolled here; enrol again"})
        assert key.enrol().check_in()[0] == 200


def test_an_old_database_is_migrated(service, tmp_path):
    """From the schema before keys: endpoints, votes and test devices stay."""
    mirror = service.mirror
    service.post("/v1/check-in", {"format": "ucupdates-checkin-1", "endpoints": [
        {"vendor": "acme", "model": "icon400", "serial": "AC1"}]})
    service.stop()
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        for table in ("identity_keys", "key_claims", "key_conflicts", "enrol_tokens",
                      "endpoint_keys", "seen"):
            database.execute(f"DROP TABLE {table}")
        for index in ("endpoints_by_serial", "endpoints_by_mac_address"):
            database.execute(f"DROP INDEX {index}")
        database.execute("ALTER TABLE votes DROP COLUMN key_id")
        database.execute("ALTER TABLE packages DROP COLUMN locale")
        database.execute("PRAGMA user_version = 3")
    mirror.rules("[Publish]\nEnrolment=open\n")
    mirror.run("publish")
    with running(mirror) as made:
        assert [e["serial"] for e in mirror.json("endpoints")["endpoints"]] == ["AC1"]
        assert Key(tmp_path, made, "AC1").enrol().check_in()[0] == 200
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        assert database.execute("PRAGMA user_version").fetchone() == (6,)


def test_claim_vector():
    """docs/service-protocol.md, section 7."""
    assert claim(["serial/acme/AC0002", "serial/acme/AC0001"]) == (
        "72fcdd97519964628904902647ef9de80bf7dd013d52162fbcbf3a224294b43b")
