# SPDX-License-Identifier: LGPL-2.1-or-later
"""Keys of every purpose: rotated with an overlap, revoked, and signed for by the recovery key."""
import base64
import hashlib
import json
import os
import shutil
import ssl
import subprocess

import pytest

from mirrorlab import Mirror, Service, cab_of

PURPOSES = ("tls", "documents", "payload", "metadata")
KEYS = ".well-known/ucupdates-keys.json"


def fingerprint(text):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN"):])).hexdigest()


def key_fingerprint(text):
    public = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=text, text=True,
                            capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public.encode(),
                         capture_output=True, check=True).stdout
    return hashlib.sha256(der).hexdigest()


def pair(mirror, purpose, name="leaf"):
    return (mirror.root / "keys" / purpose / f"{name}.pem").read_text()


def anchors(mirror, purpose):
    return {p.read_text() for p in (mirror.root / "trust" / purpose).iterdir()}


def verifies(mirror, name, purpose):
    """An independent opinion: openssl and the CAs of the bundle."""
    envelope = json.loads((mirror.root / "public" / name).read_text())
    roots, signature = mirror.path / "roots.pem", mirror.path / "signature.p7"
    payload = mirror.path / "payload"
    roots.write_text("".join(sorted(anchors(mirror, purpose))))
    signature.write_text(envelope["signature"])
    payload.write_bytes(base64.b64decode(envelope["payload"]))
    return subprocess.run(
        ["openssl", "cms", "-verify", "-inform", "PEM", "-in", signature, "-content", payload,
         "-binary", "-purpose", "any", "-CAfile", roots, "-out", os.devnull],
        capture_output=True).returncode == 0


@pytest.fixture(name="safe")
def fixture_safe(mirror):
    """The recovery key where it belongs: somewhere else."""
    directory = mirror.path / "safe"
    shutil.move(mirror.root / "recovery", directory)
    return f"--recovery={directory}"


def test_init_makes_a_recovery_key(tmp_path):
    mirror = Mirror(tmp_path)
    stick = tmp_path / "stick"
    said = mirror.json("init", "--organisation=room.example", f"--recovery={stick}")
    assert said["recovery"] == str(stick) and not (mirror.root / "recovery").exists()
    assert sorted(p.name for p in stick.iterdir()) == ["ca.key", "ca.pem", "leaf.key", "leaf.pem"]
    assert stick.stat().st_mode & 0o777 == 0o700
    assert {(stick / name).stat().st_mode & 0o777 for name in ("ca.key", "leaf.key")} == {0o600}
    assert anchors(mirror, "recovery") == {(stick / "ca.pem").read_text()}
    for path in mirror.root.rglob("*"):
        assert not path.is_file() or (stick / "leaf.key").read_bytes() not in path.read_bytes()


def test_list(mirror):
    said = mirror.json("key", "list")
    assert [(k["purpose"], k["what"]) for k in said["keys"]] == [
        (purpose, what) for purpose in PURPOSES for what in ("ca", "leaf")]
    assert [k["sha256"] for k in said["keys"]] == [
        fingerprint(pair(mirror, k["purpose"], k["what"])) for k in said["keys"]]
    assert said["keys"][0]["key_sha256"] == key_fingerprint(pair(mirror, "tls", "ca"))
    assert said["serial"] == 0 and said["revoked"] == [] and "expires" not in said
    assert "has signed nothing yet" in mirror.run("key", "list")


@pytest.mark.parametrize("args", [
    [], ["rotate"], ["rotate", "paper"], ["rotate", "tls", "--ca", "--finish"], ["list", "tls"],
    ["revoke"], ["revoke", "tls", "--finish"], ["revoke", "tls", "--certificate=x"],
    ["sign", "tls"], ["sign", "--ca"], ["burn"]])
def test_usage(mirror, args):
    assert "key list | rotate PURPOSE" in mirror.run("key", *args, status=2)


@pytest.mark.parametrize("args", [
    ["rotate", "tls", "--ca"], ["rotate", "tls", "--finish"], ["revoke", "documents"], ["sign"]])
def test_needs_the_recovery_key(mirror, safe, args):
    if "--finish" in args:
        mirror.run("key", "rotate", "tls", "--ca", safe)
    before = mirror.json("key", "list")
    said = mirror.run("key", *args, status=1)
    assert "bring the medium on which it is kept and say --recovery=DIR" in said
    assert mirror.json("key", "list") == before


def test_somebody_elses_recovery_key(mirror, tmp_path):
    other = Mirror(tmp_path / "other")
    other.path.mkdir()
    other.run("init", "--organisation=room.example")
    said = mirror.run("key", "revoke", "documents", f"--recovery={other.root / 'recovery'}",
                      status=1)
    assert "endpoints would refuse it, nothing was changed: keys is not signed by an anchor" in said
    assert mirror.json("key", "list")["revoked"] == []
    assert not (mirror.root / "keys.json").exists()


@pytest.mark.parametrize("purpose", PURPOSES)
def test_rotate_the_certificate(mirror, safe, purpose):
    before, ca = pair(mirror, purpose), pair(mirror, purpose, "ca")
    mirror.run("key", "rotate", purpose)
    assert pair(mirror, purpose) != before and pair(mirror, purpose, "ca") == ca
    assert not (mirror.root / "keys.json").exists(), "nobody has to know"
    mirror.run("publish")
    assert verifies(mirror, "policy.json", "documents")


def test_tls_is_for_the_hosts_of_the_rules(mirror):
    mirror.rules("[Publish]\nInternalUrl=https://ucupdates-r2.room.example:8443/\n"
                 "ExternalUrl=https://updates.outside.example/\n")
    mirror.run("key", "rotate", "tls")
    names = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], text=True,
                           input=pair(mirror, "tls"), capture_output=True, check=True).stdout
    assert names.split("\n")[1].strip() == \
        "DNS:ucupdates-r2.room.example, DNS:updates.outside.example"
    mirror.run("key", "rotate", "documents")
    names = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], text=True,
                           input=pair(mirror, "documents"), capture_output=True).stdout
    assert "DNS" not in names


def test_rotation_keeps_the_owner(mirror):
    key = mirror.root / "keys/tls/leaf.key"
    os.chown(key, 1234, 2345)
    mirror.run("key", "rotate", "tls")
    for path in (key, key.with_suffix(".pem")):
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_rotate_the_ca_with_an_overlap(mirror, safe, purpose):
    package_id = mirror.add_version("1.1.0")["id"]
    mirror.run("approve", package_id)
    mirror.run("publish")
    cab, old = cab_of(mirror), pair(mirror, purpose, "ca")
    mirror.run("key", "rotate", purpose, "--ca", safe)
    mirror.run("key", "rotate", purpose, "--ca", safe)  # twice is once
    new = pair(mirror, purpose, "next-ca")
    assert anchors(mirror, purpose) == {old, new}
    mirror.run("publish")
    keys = mirror.document(KEYS)
    assert {p: set(cas) for p, cas in keys["anchors"].items()} == {
        p: anchors(mirror, p) for p in PURPOSES}
    assert set(keys["anchors"][purpose]) == {old, new} and keys["revoked"] == []
    assert keys["serial_epoch"] == 1, "no theft, no new epoch"
    assert verifies(mirror, KEYS, "recovery") and not verifies(mirror, KEYS, "documents")
    assert cab_of(mirror).name == cab.name, "the CA before still signs"
    mirror.run("key", "rotate", purpose, "--finish", safe)
    assert anchors(mirror, purpose) == {new} and pair(mirror, purpose, "ca") == new
    mirror.run("publish")
    later = mirror.document(KEYS)
    assert later["anchors"][purpose] == [new] and later["serial"] > keys["serial"]
    assert verifies(mirror, "policy.json", "documents")
    assert (cab_of(mirror).name != cab.name) == (purpose == "payload"), "signed anew"
    said = mirror.run("key", "rotate", purpose, "--finish", safe, status=1)
    assert f"no other CA for {purpose} is waiting" in said
    acts = [(a["act"], a["subject"]) for a in mirror.json("audit")["acts"]]
    assert acts.count(("key rotate", f"{purpose}: the CA before is gone")) == 1


@pytest.mark.parametrize("purpose, ca", [
    ("documents", False), ("documents", True), ("tls", False), ("metadata", False),
    ("payload", False)])
def test_revoke(mirror, safe, purpose, ca):
    """fwupd knows no revoked certificates, so what it verifies always gets another CA."""
    mirror.run("publish")
    leaf, old = pair(mirror, purpose), pair(mirror, purpose, "ca")
    serial = mirror.document("policy.json")["serial"]
    mirror.run("key", "revoke", purpose, safe, *(["--ca"] if ca else []))
    mirror.run("publish")
    gone = [leaf] + ([old] if ca or purpose in ("metadata", "payload") else [])
    keys = mirror.document(KEYS)
    assert set(keys["revoked"]) == {h(t) for t in gone for h in (fingerprint, key_fingerprint)}
    assert keys["serial_epoch"] > 1
    assert keys["serial_epoch"] <= mirror.document("policy.json")["serial"]
    assert mirror.document("policy.json")["serial"] > serial
    assert pair(mirror, purpose) != leaf
    assert (anchors(mirror, purpose) == {old}) == (len(gone) == 1)
    assert verifies(mirror, "policy.json", "documents") and verifies(mirror, KEYS, "recovery")
    # the list only grows
    mirror.run("key", "revoke", "documents", safe)
    mirror.run("publish")
    assert set(keys["revoked"]) < set(mirror.document(KEYS)["revoked"])


def test_revoke_while_another_ca_waits(mirror, safe):
    """Its key lay beside the stolen one."""
    mirror.run("key", "rotate", "documents", "--ca", safe)
    waiting = pair(mirror, "documents", "next-ca")
    mirror.run("key", "revoke", "documents", "--ca", safe)
    assert fingerprint(waiting) in mirror.json("key", "list")["revoked"]
    assert anchors(mirror, "documents") == {pair(mirror, "documents", "ca")}
    assert waiting not in anchors(mirror, "documents")
    mirror.run("publish")
    assert verifies(mirror, "policy.json", "documents")


def test_tls_ca_is_not_revoked_at_once(mirror, safe):
    said = mirror.run("key", "revoke", "tls", "--ca", safe, status=1)
    assert "only over the one they have; use 'key rotate tls --ca'" in said


def test_revoke_a_certificate_of_yesterday(mirror, safe):
    leaf = mirror.root / "keys/documents/leaf.pem"
    said = mirror.run("key", "revoke", f"--certificate={leaf}", safe, status=1)
    assert "revoke it with 'key revoke documents'" in said
    ca = mirror.root / "keys/documents/ca.pem"
    said = mirror.run("key", "revoke", f"--certificate={ca}", safe, status=1)
    assert "is revoked in the same document" in said
    yesterday = shutil.copy(leaf, mirror.path / "yesterday.pem")
    mirror.run("key", "rotate", "documents")
    mirror.run("key", "revoke", f"--certificate={yesterday}", safe)
    assert mirror.json("key", "list")["revoked"] == [
        fingerprint(yesterday.read_text()), key_fingerprint(yesterday.read_text())]
    mirror.run("publish")
    # yesterday's backup brings it back: nothing is signed with it
    shutil.copy(yesterday, leaf)
    said = mirror.run("publish", status=1)
    assert "leaf.pem is revoked, and endpoints would refuse what it signs" in said


def test_kept_across_publish_and_signed_again(mirror, safe):
    mirror.run("key", "sign", safe)
    first = mirror.json("key", "list")
    for _ in range(2):
        assert mirror.json("publish")["keys_expires"] == first["expires"]
        assert mirror.document(KEYS)["serial"] == first["serial"]
    mirror.run("key", "sign", safe)
    mirror.run("publish")
    assert mirror.document(KEYS)["serial"] > first["serial"]
    service = Service(mirror)
    assert service.request("GET", "/" + KEYS).status == 200
    assert service.stop() == 0


def test_damaged_document_is_not_forgotten(mirror, safe):
    """It is all that tells what was revoked."""
    mirror.run("key", "revoke", "documents", safe)
    path = mirror.root / "keys.json"
    path.write_text(path.read_text().replace("payload", "payl0ad"))
    for args in (["publish"], ["key", "list"], ["key", "revoke", "documents", safe]):
        assert "keys.json: " in mirror.run(*args, status=1)


@pytest.mark.parametrize("purpose", ["documents", "metadata"])
def test_a_lost_key(mirror, safe, purpose):
    """docs/deployment.md, "A key is lost"."""
    keys = mirror.root / "keys" / purpose
    mirror.run("approve", mirror.add_version("1.1.0")["id"])
    mirror.run("publish")
    (keys / "leaf.key").unlink()
    assert f"{purpose}/leaf.key" in mirror.run("publish", status=1)
    mirror.run("key", "rotate", purpose)
    mirror.run("publish")
    assert verifies(mirror, "policy.json", "documents")
    (keys / "ca.key").unlink()
    before = mirror.json("key", "list")
    assert f"{purpose}/ca.key" in mirror.run("key", "rotate", purpose, status=1)
    assert mirror.json("key", "list") == before
    mirror.run("publish")
    mirror.run("key", "rotate", purpose, "--ca", safe)
    mirror.run("publish")
    mirror.run("key", "rotate", purpose, "--finish", safe)
    mirror.run("publish")
    assert verifies(mirror, "policy.json", "documents")
    mirror.run("key", "rotate", purpose)
    (keys / "ca.key").unlink()
    if purpose == "documents":
        before = mirror.json("key", "list")
        assert "documents/ca.key" in mirror.run("key", "revoke", purpose, safe, status=1)
        assert mirror.json("key", "list") == before, "nothing is revoked that cannot be replaced"
    (keys / "leaf.key").unlink()
    mirror.run("key", "revoke", purpose, "--ca", safe)
    mirror.run("publish")
    assert verifies(mirror, "policy.json", "documents")


def test_left_over(mirror):
    """What a command left that was killed while it wrote a key goes with a later one, and nothing else."""
    keys = mirror.root / "keys/tls"
    old = (keys / "leaf.pem.AbC123", mirror.root / "trust/tls/ca.pem.AbC123")
    kept = (keys / "leaf.pem.AbC124", keys / "notes.backup", keys / "leaf.key.backup")
    for path in old + kept:
        path.write_text("-----BEGIN PRIVATE KEY-----", encoding="utf-8")
    for path in old + kept[1:]:
        os.utime(path, (1000000000, 1000000000))
    before = pair(mirror, "tls")
    mirror.run("publish")
    assert not [path for path in old if path.exists()]
    assert all(path.exists() for path in kept)
    assert pair(mirror, "tls") == before
    for path in kept:
        path.unlink()
