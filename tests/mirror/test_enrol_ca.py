# SPDX-License-Identifier: LGPL-2.1-or-later
"""The CA of the endpoints' certificates, rotated and revoked: no human goes to an endpoint for it."""
import signal
import sqlite3
import subprocess
import time

import pytest

from enrolment import Key, certtool
from faultlab import check_ended, checkpoint, copy, count_points, run_with_fault
from mirrorlab import Service

ANOTHER = {"error": "there is another certificate for this key; ask for it"}
NONE = {"error": "this service knows endpoints by a client certificate, and there is none that "
                 "counts; enrol first"}


@pytest.fixture(name="mode", params=["open", "approval"])
def fixture_mode(request):
    return request.param


@pytest.fixture(name="service")
def fixture_service(mirror, mode):
    mirror.rules(f"[Publish]\nEnrolment={mode}\n")
    mirror.run("publish")
    made = Service(mirror)
    yield made
    assert made.stop() == 0


def enrolled(directory, service, mode, *serials):
    key = Key(directory, service, *serials)
    if mode == "open":
        return key.enrol()
    key.ask()
    waiting = service.mirror.json("endpoints", "--waiting")["waiting"][-1]
    service.mirror.run("endpoint", "approve", str(waiting["id"]))
    assert key.ask()[1]["state"] == "issued"
    return key


def listed(mirror):
    return [key["what"] for key in mirror.json("key", "list")["keys"]
            if key["purpose"] == "endpoints"]


def issuer(key):
    return next(line for line in certtool("--certificate-info", "--infile",
                                          key.certificate).splitlines() if "Issuer:" in line)


def reload(service, key, expected):
    """Tells the service to read its files, and waits until it goes by them."""
    service.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while key.check_in() != expected:
        assert time.monotonic() < deadline, key.check_in()
        time.sleep(0.05)


def check_in(key):
    status, answer = key.check_in()
    assert status == 200 and answer["refused"] == [], answer


def test_rotation_with_overlap(service, mode, tmp_path):
    mirror = service.mirror
    one, away = (enrolled(tmp_path, service, mode, serial) for serial in ("AC1", "AC2"))
    check_in(one)
    first = issuer(one)
    assert listed(mirror) == ["ca"]
    assert "begin with 'key rotate endpoints --ca'" in mirror.run(
        "key", "rotate", "endpoints", "--finish", status=1)
    mirror.run("key", "rotate", "endpoints", "--ca")
    assert listed(mirror) == ["ca", "ca-before"]
    reload(service, one, (403, ANOTHER))
    # a report is not lost by it
    assert one.report("failed", "0" * 64)[0] == 200
    assert one.ask()[1]["state"] == "issued"
    assert issuer(one) != first
    check_in(one)
    new = issuer(one)
    mirror.run("key", "rotate", "endpoints", "--ca")
    assert listed(mirror) == ["ca", "ca-before"], "begun twice it is the same"
    assert one.ask()[1]["state"] == "issued" and issuer(one) == new
    # the other one was away all the time
    mirror.run("key", "rotate", "endpoints", "--finish")
    assert listed(mirror) == ["ca"]
    reload(service, away, (403, NONE))
    check_in(one)
    assert away.ask()[1]["state"] == "issued"
    assert issuer(away) == new
    check_in(away)
    assert mirror.json("endpoints", "--waiting") == {"waiting": []}
    acts = [(a["act"], a["subject"]) for a in mirror.json("audit")["acts"]]
    assert ("key rotate", "endpoints: another CA beside, 2 certificates") in acts
    assert ("key rotate", "endpoints: the CA before is gone, 0 certificates") in acts


def test_a_stolen_ca(service, mode, tmp_path):
    """What the thief signs is worth nothing, and so is the key that he made known by it."""
    mirror = service.mirror
    one = enrolled(tmp_path, service, mode, "AC1")
    check_in(one)
    thief = Key(tmp_path, service, "AC9")
    ca, template = mirror.root / "keys/endpoints", tmp_path / "template"
    template.write_text('cn = "endpoint"\ntls_www_client\nexpiration_days = 9\n')
    for name in ("ca.pem", "ca.key"):
        (tmp_path / name).write_bytes((ca / name).read_bytes())

    def forge():
        certtool("--generate-certificate", "--load-privkey", thief.key, "--template", template,
                 "--load-ca-certificate", tmp_path / "ca.pem", "--load-ca-privkey",
                 tmp_path / "ca.key", "--outfile", thief.certificate)

    forge()
    assert thief.ask()[1]["state"] == "waiting"
    assert mirror.json("enrol", "sign") == {"signed": 1}, "it is known by a certificate of ours"
    mirror.run("key", "revoke", "endpoints")
    assert listed(mirror) == ["ca"]
    reload(service, one, (403, NONE))
    forge()
    assert thief.check_in() == (403, NONE)
    if mode == "approval":
        assert thief.ask()[1]["state"] == "waiting"
        assert mirror.json("enrol", "sign") == {"signed": 0}
        assert thief.ask()[1]["state"] == "waiting"
    assert one.ask()[1]["state"] == "issued"
    check_in(one)


def test_killed_in_between_or_restored(service, tmp_path):
    """The CA is another one, and the certificates are not: the next signing makes them."""
    mirror = service.mirror
    mode = "open" if "open" in (mirror.root / "rules.d/50.conf").read_text() else "approval"
    one = enrolled(tmp_path, service, mode, "AC1")
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        before = database.execute("SELECT certificate, ca_sha256 FROM endpoint_keys").fetchone()
    mirror.run("key", "rotate", "endpoints", "--ca")
    with sqlite3.connect(mirror.root / "mirror.db") as database:
        database.execute("UPDATE endpoint_keys SET certificate = ?, ca_sha256 = ?", before)
    mirror.run("key", "rotate", "endpoints", "--finish")
    reload(service, one, (403, NONE))
    assert one.ask()[1]["state"] == "issued"
    check_in(one)


def test_usage(mirror):
    for arguments in (["rotate", "endpoints"], ["rotate", "endpoints", "--ca", "--finish"],
                      ["revoke", "endpoints", "--finish"], ["sign", "endpoints"],
                      ["rotate", "endpoints", "--ca", "--pkcs11=pkcs11:token=x"],
                      ["install", "endpoints", "--certificate=x"]):
        assert "rotate endpoints --ca|--finish | revoke endpoints" in mirror.run(
            "key", *arguments, status=2), arguments
    for arguments in (["rotate", "endpoints", "--ca"], ["revoke", "endpoints"]):
        assert "endpoints do not enrol here until [Publish] Enrolment=" in mirror.run(
            "key", *arguments, status=1), arguments


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          check=True, timeout=60).stdout


@pytest.fixture(name="mode_of_faults", params=["kill", "full"])
def fixture_mode_of_faults(request):
    return request.param


@pytest.mark.parametrize("command", [["rotate", "endpoints", "--ca"], ["revoke", "endpoints"]],
                         ids=["rotate", "revoke"])
def test_fault_anywhere(mirror, command, mode_of_faults, tmp_path):
    """Run again it is done; and the key never needs a human, not even with approval."""
    mirror.rules("[Publish]\nEnrolment=approval\n")
    mirror.run("publish")
    service = Service(mirror)
    enrolled(tmp_path, service, "approval", "AC1")
    assert service.stop() == 0
    checkpoint(mirror)
    total, points = count_points(mirror, ["key", *command], tmp_path, 4)
    assert total > 5
    ended = 0
    for at in points:
        made = copy(mirror, tmp_path / "mirror")
        done = run_with_fault(made, ["key", *command], at, mode_of_faults)
        where = f"{command} at {at} of {total}: {done.stderr}"
        check_ended(done, mode_of_faults, where)
        ended += done.returncode != 0
        assert listed(made)[0] == "ca", where
        made.run("key", *command)
        assert listed(made) == (["ca"] if command[0] == "revoke" else ["ca", "ca-before"]), where
        with sqlite3.connect(made.root / "mirror.db") as database:
            state, pem = database.execute("SELECT state, certificate FROM endpoint_keys").fetchone()
        assert state == "issued", where
        ca = made.root / "keys/endpoints"
        first = (ca / "ca.pem").read_text().split("-----END")[0] + "-----END CERTIFICATE-----\n"
        (made.path / "first.pem").write_text(first)
        (made.path / "key.pem").write_text(pem)
        openssl("verify", "-CAfile", made.path / "first.pem", made.path / "key.pem")
        assert openssl("x509", "-in", made.path / "first.pem", "-noout", "-pubkey") == \
            openssl("pkey", "-in", ca / "ca.key", "-pubout"), where
    assert ended > 0
