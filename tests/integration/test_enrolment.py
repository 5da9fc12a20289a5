# SPDX-License-Identifier: LGPL-2.1-or-later
"""The endpoint's own key, from the first contact to the end: the real agent and the real mirror."""

import os
import pathlib
import sqlite3
import stat

import pytest

from uclab.lab import RULES, Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]
DAY = 86400
PIN = "no-number-4711"
MODULE = pathlib.Path("/usr/lib/softhsm/libsofthsm2.so")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def start(lab, mode):
    """The organisation's side with that mode, then the endpoint's."""
    lab.start_service()
    lab.mirror.stop()
    lab.mirror.write_rules(RULES.format(idle_secs=300)
                           + f"[Publish]\nExpireDays=400\nEnrolment={mode}\n")
    lab.mirror.do("publish")
    lab.mirror.start()
    lab.start_endpoint()


def check(lab):
    """A look that worked; on a busy machine polkit or fwupd may take more than one."""
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look for updates")


def certificate(lab):
    status = lab.agent.json("status")
    return status.get("certificate"), status.get("certificate_error", "")


def endpoints(lab):
    return [entry["serial"] for entry in lab.mirror.json("endpoints")["endpoints"]]


def enrolled(lab):
    """Looks until its own key has a certificate and it has checked in; updates work without, so that
    one look may say that all is well before."""
    lab.agent.wait_for(
        lambda: lab.agent.ctl("check").returncode == 0 and certificate(lab) == ("issued", "")
        and endpoints(lab) == ["AC0001"], 60, "a check-in with a certificate")


def pem(lab):
    return (lab.agent.state / "endpoint.pem").read_text(encoding="utf-8")


def put_token(lab, token):
    path = lab.agent.state / "enrolment-token"
    path.write_text(token + "\n", encoding="utf-8")
    path.chmod(0o600)
    lab.agent.own()
    return path


def execute(lab, sql):
    with sqlite3.connect(lab.mirror.root / "mirror.db") as database:
        database.execute(sql)


def test_open(lab):
    """Nothing is configured: a key, a certificate, a check-in; renewed in time; the clock may lie."""
    start(lab, "open")
    with lab.mirror.signing():
        enrolled(lab)
        for name in ("endpoint.key", "endpoint.pem"):
            assert stat.S_IMODE((lab.agent.state / name).stat().st_mode) == 0o600
        first = pem(lab)
        lab.agent.stop()
        lab.agent.start()
        check(lab)
        assert pem(lab) == first, "as long as it counts"
        # by the agent's clock it is over; by the mirror's it is not, and that counts
        assert lab.agent.pass_time(91 * DAY).returncode == 0
        assert certificate(lab) == ("issued", "")
        assert pem(lab) == first
        seen = lab.mirror.json("endpoints")["endpoints"][0]["last_seen"]
        execute(lab, "UPDATE endpoint_keys SET expires_secs = expires_secs - 61 * 86400")
        execute(lab, "UPDATE endpoints SET last_seen_secs = 0")
        check(lab)
        assert pem(lab) != first, "renewed"
        assert lab.mirror.json("endpoints")["endpoints"][0]["last_seen"] >= seen


def test_token(lab):
    """None, a wrong one, the right one, and that one again."""
    start(lab, "token")
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    token, = lab.mirror.json("enrol", "token")["tokens"]
    with lab.mirror.signing():
        check(lab)
        state, error = certificate(lab)
        assert state == "failed" and "answered 403" in error, error
        assert endpoints(lab) == []
        lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"][0]["progress"] == "staged",
                           60, "updates work without")
        put_token(lab, "0" * 32)
        check(lab)
        assert certificate(lab)[0] == "failed"
        path = put_token(lab, token)
        path.chmod(0o644)
        check(lab)
        assert "run chmod 0600" in certificate(lab)[1]
        path.chmod(0o600)
        check(lab)
        assert certificate(lab) == ("issued", "")
        assert not path.exists(), "used up"
        assert endpoints(lab) == ["AC0001"]
        lab.mirror.do("forget", "AC0001")
        assert lab.agent.ctl("service", "--forget").returncode == 0
        for name in ("endpoint.key", "endpoint.pem"):
            assert not (lab.agent.state / name).exists()
        put_token(lab, token)
        check(lab)
        assert certificate(lab)[0] == "failed"
        assert endpoints(lab) == []
    for log in (lab.base / "log").glob("*.log"):
        assert token not in log.read_text(encoding="utf-8", errors="replace"), log


def test_approval(lab):
    """It waits, and asks again by itself; nothing is signed before."""
    start(lab, "approval")
    with lab.mirror.signing():
        check(lab)
        assert certificate(lab) == ("waiting", "")
        assert endpoints(lab) == []
        waiting, = lab.mirror.json("endpoints", "--waiting")["waiting"]
        assert waiting["identities"] == ["serial/acme/AC0001"]
        lab.mirror.do("endpoint", "approve", str(waiting["id"]))
        # ten minutes later, at whatever event: the agent looks without being asked
        lab.agent.ahead_secs += 601
        lab.agent.clock.write_text(str(lab.agent.ahead_secs), encoding="utf-8")
        assert lab.agent.ctl("inhibit", "--", "true").returncode == 0
        lab.agent.wait_for(lambda: certificate(lab) == ("issued", ""), 60, "the certificate")
        lab.agent.wait_for(lambda: endpoints(lab) == ["AC0001"], 60, "the check-in")


def test_conflict_and_forget(lab):
    """A new disk in an old endpoint; then one that is forgotten, and one that comes back."""
    start(lab, "open")
    with lab.mirror.signing():
        check(lab)
        assert lab.agent.ctl("service", "--forget").returncode == 0
        check(lab)
        state, error = certificate(lab)
        assert (state, error) == ("conflict", "another key has the identity serial/acme/AC0001; "
                                              "the administrator decides")
        conflict, = lab.mirror.json("endpoints", "--conflicts")["conflicts"]
        assert conflict["identity"] == "serial/acme/AC0001"
        lab.mirror.do("endpoint", "approve", str(conflict["id"]))
        check(lab)
        assert certificate(lab) == ("issued", "")
        assert lab.mirror.json("endpoints", "--conflicts") == {"conflicts": []}
        lab.mirror.do("forget", "AC0001")
        check(lab)
        assert endpoints(lab) == []
        assert certificate(lab)[0] == "failed"
        assert lab.agent.ctl("service", "--forget").returncode == 0
        check(lab)
        assert certificate(lab) == ("issued", "")
        assert endpoints(lab) == ["AC0001"]


@pytest.mark.parametrize("act", [["rotate", "endpoints", "--ca"], ["revoke", "endpoints"]],
                         ids=["rotated", "stolen"])
def test_another_ca(lab, act):
    """The drill of docs/mirror.md: the endpoint renews its certificate by itself, at its next look."""
    start(lab, "approval")
    with lab.mirror.signing():
        check(lab)
        waiting, = lab.mirror.json("endpoints", "--waiting")["waiting"]
        lab.mirror.do("endpoint", "approve", str(waiting["id"]))
        lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0
                           and certificate(lab) == ("issued", ""), 60, "the certificate")
        first = pem(lab)
        lab.mirror.do("key", *act)
        lab.mirror.stop()
        lab.mirror.start()
        execute(lab, "UPDATE endpoints SET last_seen_secs = 0")
        check(lab)
        assert pem(lab) != first
        new = pem(lab)
        assert certificate(lab) == ("issued", "")
        assert lab.mirror.json("endpoints")["endpoints"][0]["last_seen"] > "2000"
        if act[0] == "rotate":
            lab.mirror.do("key", "rotate", "endpoints", "--finish")
            lab.mirror.stop()
            lab.mirror.start()
            execute(lab, "UPDATE endpoints SET last_seen_secs = 0")
            check(lab)
            assert lab.mirror.json("endpoints")["endpoints"][0]["last_seen"] > "2000"
        assert pem(lab) == new
        assert lab.mirror.json("endpoints", "--waiting") == {"waiting": []}


@pytest.fixture(name="token")
def fixture_token(lab, monkeypatch):
    """A token of SoftHSM's in which the key was made, as at a factory."""
    if not MODULE.exists():
        pytest.fail(f"{MODULE} is not there: contrib/packages test")
    directory = lab.agent.state / "token"
    (directory / "tokens").mkdir(parents=True)
    config = directory / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\n",
                      encoding="utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    lab.supervisor.env["SOFTHSM2_CONF"] = str(config)
    run(["softhsm2-util", "--init-token", "--free", "--label=uc", f"--pin={PIN}", "--so-pin=0815"],
        check=True)
    run(["p11tool", "--provider", MODULE, "--login", "--generate-ecc", "--curve=secp256r1",
         "--label=endpoint", "pkcs11:token=uc"], env={"GNUTLS_PIN": PIN}, check=True)
    pin = directory / "pin"
    pin.write_text(PIN + "\n", encoding="utf-8")
    pin.chmod(0o600)
    lab.agent.own()
    return pin


def test_key_in_a_token(lab, token):
    lab.agent.configure("[Service]\nClientKey=pkcs11:token=uc;object=endpoint;type=private\n"
                        f"ClientPin={token}\n", "60-key.conf")
    start(lab, "open")
    with lab.mirror.signing():
        enrolled(lab)
        assert not (lab.agent.state / "endpoint.key").exists()
    for log in (lab.base / "log").glob("*.log"):
        assert PIN not in log.read_text(encoding="utf-8", errors="replace").split(), log
