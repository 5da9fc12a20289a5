# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signing keys that never leave a PKCS#11 token: agent and fwupd take what they sign."""

import os
import pathlib

import pytest

from uclab import net
from uclab.lab import DOMAIN, RULES, Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]
PIN = "no-number-4711"
MODULE = pathlib.Path("/usr/lib/softhsm/libsofthsm2.so")
PURPOSES = ("documents", "payload", "metadata")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def generate(token, *labels):
    for label in labels:
        run(["p11tool", "--provider", MODULE, "--login", "--generate-ecc", "--curve=secp256r1",
             f"--label={label}", f"pkcs11:token={token}"], env={"GNUTLS_PIN": PIN}, check=True)


@pytest.fixture(name="pin")
def fixture_pin(lab, monkeypatch):
    """A token of SoftHSM's with a key for each purpose; the file with its PIN."""
    if not MODULE.exists():
        pytest.fail(f"{MODULE} is not there: contrib/packages test")
    directory = lab.base / "token"
    (directory / "tokens").mkdir(parents=True)
    config = directory / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\n",
                      encoding="utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    run(["softhsm2-util", "--init-token", "--free", "--label=mirror", f"--pin={PIN}",
         "--so-pin=0815"], check=True)
    generate("mirror", *PURPOSES)
    pin = directory / "pin"
    pin.write_text(PIN, encoding="utf-8")
    pin.chmod(0o600)
    return pin


def uri(purpose, pin):
    return f"pkcs11:token=mirror;object={purpose};type=private?pin-source=file:{pin}"


def test_signed_by_a_token(lab, pin):
    lab.start_service()
    for purpose in PURPOSES:
        lab.mirror.do("key", "rotate", purpose, f"--pkcs11={uri(purpose, pin)}")
        text = (lab.mirror.root / "keys" / purpose / "leaf.key").read_text(encoding="utf-8")
        assert text == uri(purpose, pin), "and no key"
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    lab.start_endpoint()
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look for updates")
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"][0]["progress"] == "staged",
                       60, "fwupd trusts metadata and payload")
    for log in (lab.base / "log").glob("*.log"):
        assert PIN not in log.read_text(encoding="utf-8", errors="replace").split(), log


def test_what_cannot_sign(lab, pin):
    """A wrong PIN, a key that is not there, and what is refused; the keys before go on signing."""
    lab.start_service()
    before = (lab.mirror.root / "keys/metadata/leaf.key").read_bytes()
    cases = (
        ("metadata", uri("nobody", pin), "pkcs11:token=mirror;object=nobody"),
        ("metadata", "pkcs11:token=other;object=metadata;type=private", "token that is plugged in"),
        ("metadata", "file:/tmp/key", "expected the pkcs11: URI of a private key"),
        ("metadata", f"{uri('metadata', pin)}&pin-value={PIN}", "and not in pin-value"),
        ("tls", uri("metadata", pin), "the key for TLS cannot be in a token"),
    )
    for purpose, text, sentence in cases:
        result = lab.mirror.command("key", "rotate", purpose, f"--pkcs11={text}")
        assert (result.returncode, sentence in result.stderr) == (1, True), result.stderr
    assert (lab.mirror.root / "keys/metadata/leaf.key").read_bytes() == before
    lab.mirror.do("publish")
    lab.mirror.do("key", "rotate", "metadata", f"--pkcs11={uri('metadata', pin)}")
    pin.write_text("0000", encoding="utf-8")
    result = lab.mirror.command("publish")
    assert result.returncode == 1 and "with its PIN" in result.stderr, result.stderr
    lab.mirror.do("key", "rotate", "metadata") # a file again
    lab.mirror.do("publish")


def init(pin):
    """What makes a mirror with all its keys in tokens."""
    run(["softhsm2-util", "--init-token", "--free", "--label=safe", f"--pin={PIN}",
         "--so-pin=0815"], check=True)
    source = f"?pin-source=file:{pin}"
    return ["init", f"--organisation={DOMAIN}", f"--pkcs11=pkcs11:token=mirror{source}",
            f"--recovery-pkcs11=pkcs11:token=safe{source}"]


def key_files(lab):
    """The private keys that are on the disk."""
    return {str(path.relative_to(lab.mirror.root)) for path in lab.mirror.root.rglob("*.key")
            if "PRIVATE KEY" in path.read_text(encoding="utf-8")}


def start_names(lab):
    lab.dns.start()
    net.set_resolv_conf(lab.base, f"search {DOMAIN}\nnameserver {net.DNS}\n")
    lab.set_idle_secs(86400)


def test_no_key_on_the_disk(lab, pin):
    """CAs and signing keys in one token, the recovery key in another one that is taken away."""
    command = init(pin)
    result = lab.mirror.command(*command)
    assert result.returncode == 1 and "object=tls-ca;type=private" in result.stderr, result.stderr
    assert not (lab.mirror.root / "mirror.db").exists(), "it can be run again"
    generate("mirror", "tls-ca", *(f"{purpose}-ca" for purpose in PURPOSES))
    generate("safe", "recovery-ca", "recovery")
    lab.mirror.do(*command)
    assert key_files(lab) == {"keys/tls/leaf.key"}
    start_names(lab)
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("key", "sign")
    lab.mirror.do("key", "rotate", "tls")
    lab.mirror.do("publish")
    lab.mirror.start()
    lab.agent.trust(lab.mirror)
    lab.start_endpoint()
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look for updates")
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"][0]["progress"] == "staged",
                       60, "fwupd trusts metadata and payload")
    run(["softhsm2-util", "--delete-token", "--token=safe"], check=True)
    result = lab.mirror.command("key", "sign")
    assert result.returncode == 1 and "token that is plugged in" in result.stderr, result.stderr
    lab.mirror.do("publish")


def look(lab):
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look for updates")


def take_keys(lab):
    """A look finds new keys, and then what ucupdates-trust.service does."""
    keys = lab.agent.state / "keys.json"
    before = keys.read_bytes() if keys.exists() else b""
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: keys.exists() and keys.read_bytes() != before, 60, "keys.json")
    result = lab.agent.ucupdates_trust("apply")
    assert result.returncode == 0, result.stderr
    lab.fwupd.restart()


def test_replaced_within_the_token(lab, pin):
    """Another CA beside the one before, the drill for a stolen key, and the CA of endpoints."""
    do = lab.mirror.do
    generate("mirror", "tls-ca", *(f"{purpose}-ca" for purpose in PURPOSES))
    command = init(pin)
    generate("safe", "recovery-ca", "recovery")
    do(*command)
    start_names(lab)
    lab.mirror.write_rules(RULES.format(idle_secs=86400) + "[Publish]\nEnrolment=open\n")
    do("publish")
    lab.mirror.start()
    lab.agent.trust(lab.mirror, recovery=lab.mirror.anchors("recovery"))
    generate("mirror", "metadata-ca-2", "metadata-2", "metadata-ca-3", "metadata-3",
             "endpoints-ca", "endpoints-ca-2")
    result = lab.mirror.command("key", "rotate", "metadata", "--ca",
                                f"--ca-pkcs11={uri('metadata-ca', pin)}")
    assert result.returncode == 1
    assert "object=metadata-ca;type=private is in use, or was revoked" in result.stderr
    do("key", "rotate", "endpoints", "--ca", f"--ca-pkcs11={uri('endpoints-ca', pin)}")
    do("key", "rotate", "endpoints", "--finish")
    assert key_files(lab) == {"keys/tls/leaf.key"}
    lab.mirror.stop()
    lab.mirror.start()
    with lab.mirror.signing():
        lab.start_endpoint()
        look(lab)
        assert lab.agent.json("status")["certificate"] == "issued"
        do("key", "rotate", "metadata", "--ca", f"--ca-pkcs11={uri('metadata-ca-2', pin)}")
        do("publish")
        take_keys(lab)
        look(lab)
        do("key", "rotate", "metadata", "--finish")
        assert key_files(lab) == {"keys/tls/leaf.key"}, "what signs there goes on there"
        do("publish")
        take_keys(lab)
        look(lab)
        # stolen
        result = lab.mirror.command("key", "revoke", "metadata",
                                    f"--pkcs11={uri('metadata', pin)}",
                                    f"--ca-pkcs11={uri('metadata-ca-3', pin)}")
        assert result.returncode == 1
        assert "object=metadata;type=private is in use, or was revoked" in result.stderr
        do("key", "revoke", "metadata", f"--pkcs11={uri('metadata-3', pin)}",
           f"--ca-pkcs11={uri('metadata-ca-3', pin)}")
        result = lab.mirror.command("key", "revoke", "endpoints",
                                    f"--ca-pkcs11={uri('endpoints-ca', pin)}")
        assert result.returncode == 1 and "is in use, or was revoked" in result.stderr
        do("key", "revoke", "endpoints", f"--ca-pkcs11={uri('endpoints-ca-2', pin)}")
        assert key_files(lab) == {"keys/tls/leaf.key"}
        do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
        do("approve", lab.mirror.json("list")["packages"][0]["id"])
        do("publish")
        lab.mirror.stop()
        lab.mirror.start()
        take_keys(lab)
        look(lab)
        lab.agent.wait_for(
            lambda: lab.agent.json("status")["endpoints"][0]["progress"] == "staged", 60,
            "fwupd trusts the third key")
        lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0 and
                           lab.agent.json("status")["certificate"] == "issued", 60,
                           "another certificate")


def test_where_a_token_is_for_nothing(lab, pin):
    lab.start_service()
    key, other = f"--pkcs11={uri('metadata', pin)}", f"--ca-pkcs11={uri('metadata', pin)}"
    for words in (["rotate", "metadata", "--ca", key], ["rotate", "metadata", other],
                  ["rotate", "metadata", "--finish", other], ["revoke", "documents", other],
                  ["rotate", "endpoints", "--ca", key], ["rotate", "endpoints", "--finish", other],
                  ["revoke", "endpoints", key], ["list", key], ["sign", other],
                  ["install", "tls", "--certificate=x", key], ["revoke", "--certificate=x", key]):
        result = lab.mirror.command("key", *words)
        assert result.returncode == 2, (words, result.stderr)
    result = lab.mirror.command("key", "revoke", "metadata", key, "--ca-pkcs11=file:/x")
    assert result.returncode == 1 and "expected the pkcs11: URI of a private key" in result.stderr


def test_what_is_no_token(lab):
    for option in ("--pkcs11", "--recovery-pkcs11"):
        for text in ("file:/tmp/x", "pkcs11:token=x;object=y", "pkcs11:token=x;type=private",
                     f"pkcs11:token=x?pin-value={PIN}"):
            result = lab.mirror.command("init", f"--organisation={DOMAIN}", f"{option}={text}")
            assert result.returncode == 1 and "is no URI of a token, expected" in result.stderr
    assert not lab.mirror.root.exists()
