# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signing keys that never leave a PKCS#11 token: agent and fwupd take what they sign."""

import os
import pathlib

import pytest

from uclab.lab import Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]
PIN = "4711"
MODULE = pathlib.Path("/usr/lib/softhsm/libsofthsm2.so")
PURPOSES = ("documents", "payload", "metadata")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


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
    for purpose in PURPOSES:
        run(["p11tool", "--provider", MODULE, "--login", "--generate-ecc", "--curve=secp256r1",
             f"--label={purpose}", "pkcs11:token=mirror"], env={"GNUTLS_PIN": PIN}, check=True)
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
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
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
    result = lab.mirror.command("key", "rotate", "metadata", "--pkcs11=x", "--finish")
    assert result.returncode == 2
    lab.mirror.do("key", "rotate", "metadata") # a file again
    lab.mirror.do("publish")
