# SPDX-License-Identifier: LGPL-2.1-or-later
"""keys.json and ucupdates-trust: what is left to an organisation when a signing key was stolen."""

import os
import shutil
import time

import pytest

from uclab.forge import fingerprint, key_fingerprint, sign, time_text, open_envelope
from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
WAITS = "new keys of the organisation wait for ucupdates-trust"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        yield lab


@pytest.fixture(name="recovery")
def fixture_recovery(lab, forger, tmp_path):
    """The offline key: its CA is in the bundle, and nothing of it is on the mirror."""
    ca = forger.make_ca(tmp_path / "recovery-ca")
    lab.agent.trust(lab.mirror, recovery=[ca[0]])
    return forger.issue_signer(ca, tmp_path / "recovery")


def tree(path):
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def installed(lab):
    return tree(lab.agent.sysconf / "trust.d") | tree(lab.fwupd.sysconf / "pki")


def apply(lab):
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 0, result.stderr


def now():
    return int(time.time())


def forge_with(lab, forger, pair, change):
    """What a thief publishes: the description, changed and signed with what was stolen."""
    body = open_envelope(forger.description)
    change(body)
    forger.description.unlink()
    forger.description.write_text(sign(body, *pair, forger.directory), encoding="utf-8")


@pytest.mark.parametrize("what,sentence", [
    ("key", "it holds a private key"),
    ("leaf", "the certificate is no CA's"),
    ("twice", "this CA is in tls too"),
    ("extra", "is no part of a trust bundle"),
    ("empty", "has 0 certificates, expected 1 to 8"),
    ("garbage", "expected one certificate in PEM"),
    ("other", "bundle is no trust bundle, expected a copy of the mirror's trust/: "),
])
def test_bundle_refused(lab, forger, tmp_path, what, sentence):
    bundle = tmp_path / "bundle"
    shutil.copytree(lab.mirror.root / "trust", bundle)
    anchor = next((bundle / "documents").iterdir())
    if what == "key":
        anchor.write_bytes(anchor.read_bytes() + forger.pair("documents")[1].read_bytes())
    elif what == "leaf":
        shutil.copy(forger.pair("documents")[0], bundle / "documents")
    elif what == "twice":
        shutil.copy(next((bundle / "tls").iterdir()), bundle / "payload/other.pem")
    elif what == "extra":
        shutil.copy(forger.pair("documents")[1], bundle / "leaf.key")
    elif what == "empty":
        anchor.unlink()
    elif what == "other":
        shutil.rmtree(bundle)
        bundle.mkdir()
    else:
        anchor.write_text("nothing", encoding="utf-8")
    before = installed(lab)
    result = lab.agent.ucupdates_trust("install", bundle)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert installed(lab) == before


def test_usage(lab):
    assert lab.agent.ucupdates_trust().returncode == 2
    assert lab.agent.ucupdates_trust("apply", "x").returncode == 2
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 1 and "keys.json: there is none: " in result.stderr


def test_stolen_documents_key_and_fast_forward(lab, forger, recovery, tmp_path):
    lab.start_endpoint()
    lab.agent.check()
    thief = forger.steal("documents")
    forge_with(lab, forger, thief, lambda body: body.update(serial=2**62))
    lab.agent.check()
    lab.mirror.do("publish")
    assert f"is older than {2**62} seen before" in lab.agent.check(1), "the thief has won for now"
    # the way out: another CA for documents, and an epoch
    ca = forger.make_ca(tmp_path / "documents-ca")
    forger.rotate("documents", ca)
    old_ca = forger.pair("documents", "ca")[0]
    lab.mirror.do("publish")
    forger.publish_keys(recovery, serial=now(), epoch=now() - 60,
                        anchors={"documents": [ca[0]]}, revoked=[fingerprint(old_ca)])
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    assert lab.agent.json("service")["serial"] < 2**62
    assert [p.read_bytes() for p in (lab.agent.sysconf / "trust.d/documents").iterdir()] == [
        ca[0].read_bytes()
    ]
    # what the thief has is worth nothing now, whatever its serial
    (lab.agent.state / "last-service.json").unlink()
    forge_with(lab, forger, thief, lambda body: body.update(serial=2**62))
    assert "service-description is not signed by an anchor in" in lab.agent.check(1)
    # and what was published before the epoch does not come back
    forge_with(lab, forger, forger.pair("documents"), lambda body: body.update(serial=now() - 600))
    assert "seen before" in lab.agent.check(1)


@pytest.mark.parametrize("name_it", [fingerprint, key_fingerprint])
def test_revoked_leaf(lab, forger, recovery, name_it):
    """The CA stays; one certificate below it goes."""
    lab.start_endpoint()
    lab.agent.check()
    thief = forger.steal("documents")
    forger.rotate("documents")
    lab.mirror.do("publish")
    forger.publish_keys(recovery, serial=now(), epoch=1, revoked=[name_it(thief[0])])
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    (lab.agent.state / "last-service.json").unlink()
    forge_with(lab, forger, thief, lambda body: body.update(serial=body["serial"] + 1))
    assert "the organisation has revoked the certificate" in lab.agent.check(1)


def test_revoked_tls_certificate(lab, forger, recovery, tmp_path):
    lab.start_endpoint()
    lab.agent.check()
    forger.publish_keys(recovery, serial=now(), epoch=1,
                        revoked=[fingerprint(forger.pair("tls")[0])])
    assert WAITS in lab.agent.check(1)
    apply(lab)
    assert "the server's certificate is revoked" in lab.agent.check(1)
    lab.mirror.stop()
    forger.install_tls(forger.issue(forger.pair("tls", "ca"), "ucupdates-r2.room.example",
                                    tmp_path / "tls"))
    lab.mirror.start()
    lab.agent.check()


def test_anchors_of_fwupd(lab, forger, recovery, tmp_path):
    """Payload and metadata go where fwupd looks; others' certificates there stay."""
    lab.start_endpoint()
    lab.agent.check()
    lvfs = lab.fwupd.sysconf / "pki/fwupd/LVFS-CA.pem"
    lvfs.write_bytes(forger.make_ca(tmp_path / "lvfs")[0].read_bytes())
    cas = {purpose: forger.make_ca(tmp_path / purpose) for purpose in ("payload", "metadata")}
    forger.publish_keys(recovery, serial=now(), epoch=1,
                        anchors={purpose: [pair[0]] for purpose, pair in cas.items()})
    assert WAITS in lab.agent.check(1)
    apply(lab)
    apply(lab)
    for purpose, directory in (("payload", "fwupd"), ("metadata", "fwupd-metadata")):
        name = f"ucupdates-{fingerprint(cas[purpose][0])}.pem"
        found = {p.name for p in (lab.fwupd.sysconf / "pki" / directory).iterdir()}
        assert found - {"LVFS-CA.pem"} == {name}
        assert {p.name for p in (lab.agent.sysconf / "trust.d" / purpose).iterdir()} == {name}
    assert lvfs.exists()


@pytest.mark.parametrize("purpose", ["documents", "tls", "metadata", "payload"])
def test_keys_signed_by_another_key(lab, forger, recovery, purpose):
    lab.start_endpoint()
    lab.agent.check()
    before = installed(lab)
    path = forger.publish_keys(forger.pair(purpose), serial=now(), epoch=1)
    lab.agent.check()  # updates go on
    assert "keys is not signed by an anchor in" in lab.agent.process.log_text()
    assert not (lab.agent.state / "keys.json").exists()
    # nor does root believe what the agent's state says
    shutil.copy(path, lab.agent.state / "keys.json")
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 1
    assert "keys is not signed by an anchor in" in result.stderr
    assert installed(lab) == before


def test_refused_keys_are_reported(lab, forger):
    """It stops nothing, but it may be an attack: told once, however often it is looked at."""
    recovery_ca = forger.make_ca(forger.directory / "recovery-ca")
    lab.agent.trust(lab.mirror, recovery=[recovery_ca[0]])
    lab.start_endpoint()
    lab.agent.check()
    forger.publish_keys(forger.pair("documents"), serial=now(), epoch=1)
    for _ in range(3):
        lab.agent.check()
    lab.agent.wait_for(
        lambda: [e["last_event"] for e in lab.mirror.json("endpoints")["endpoints"]] == ["refused"],
        30, "the report",
    )
    events = [entry for entry in lab.agent.json("history")["entries"]
              if entry["event"] == "refused"]
    assert len(events) == 1
    assert "keys is not signed by an anchor in" in events[0]["message"]


def test_older_and_expired_keys(lab, forger, recovery):
    lab.start_endpoint()
    lab.agent.check()
    old = forger.publish_keys(recovery, serial=10, epoch=1).read_bytes()
    forger.publish_keys(recovery, serial=11, epoch=1)
    assert WAITS in lab.agent.check(1)
    apply(lab)
    lab.agent.check()
    before = installed(lab)
    (lab.agent.state / "keys.json").write_bytes(old)
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 1 and "serial 10 is older than 11" in result.stderr
    path = forger.publish_keys(recovery, serial=12, epoch=1, issued=time_text(-7200),
                               expires=time_text(-60))
    shutil.copy(path, lab.agent.state / "keys.json")
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 1 and "keys: expired at" in result.stderr
    assert installed(lab) == before
    lab.agent.check()


@pytest.mark.parametrize("change,sentence", [
    ({"anchors": {"tls": []}}, "member 'tls' is empty, expected a CA, or no such member"),
    ({"anchors": {"tls": ["x"]}}, "expected one certificate in PEM"),
    ({"revoked": ["ABC"]}, "element 0 of 'revoked' is 'ABC'"),
    ({"serial_epoch": 0}, "serial_epoch"),
    ({"organisation": "other.example"}, "it is of the organisation 'other.example'"),
    ({"type": "policy"}, "the document's type is 'policy', expected 'keys'"),
])
def test_malformed_keys(lab, forger, recovery, change, sentence):
    path = forger.publish_keys(recovery, serial=10, epoch=1)
    shutil.copy(path, lab.agent.state / "keys.json")
    apply(lab)
    before = installed(lab)
    path = forger.publish_keys(recovery, serial=11, epoch=1)
    body = open_envelope(path) | change
    (lab.agent.state / "keys.json").write_text(sign(body, *recovery, forger.directory),
                                               encoding="utf-8")
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 1
    assert sentence in result.stderr
    assert installed(lab) == before


def test_list_of_revoked_that_cannot_be_read(lab, recovery):
    """Refuses rather than forgets."""
    lab.start_endpoint()
    lab.agent.check()
    (lab.agent.sysconf / "trust.d/revoked").write_text("garbage\n", encoding="utf-8")
    assert "expected at most 1024 lines of 64 lower-case hexadecimal digits" in lab.agent.check(1)
