# SPDX-License-Identifier: LGPL-2.1-or-later
"""The vendor's own signature of a UC bind: whose counts, through the real fwupdmgr."""

import os
import pathlib
import subprocess

import pytest

from uclab import bind, cab
from uclab.endpoint import image
from uclab.process import run

SOURCES = pathlib.Path(__file__).resolve().parents[2]
SIGN_BIND = SOURCES / "contrib/sign-bind"
UNSIGNED = ("firmware has no signature of its vendor, which this endpoint asks for; get it from the "
            "vendor")
STRANGER = ("firmware is not signed by a key of [Install] VendorKeys of this endpoint; get it from "
            "the vendor")

KINDS = {"ed25519": ["-algorithm", "ed25519"],
         "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
         "short": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}


class Key:
    def __init__(self, directory, kind, name=None):
        self.private = directory / f"{name or kind}.key"
        self.public = directory / f"{name or kind}.pem"
        run(["openssl", "genpkey", *KINDS[kind], "-out", self.private], check=True)
        run(["openssl", "pkey", "-in", self.private, "-pubout", "-out", self.public], check=True)

    def sign(self, path):
        signed = path.with_suffix(f".{self.private.stem}")
        run([SIGN_BIND, path, signed, self.private], check=True)
        return signed


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    directory = tmp_path_factory.mktemp("keys")
    return {kind: Key(directory, kind) for kind in KINDS} | {
        "stranger": Key(directory, "ed25519", "stranger")}


@pytest.fixture
def signed_lab(make_lab, keys):
    return make_lab(install_keys={"VendorKeys": ";".join(
        str(keys[kind].public) for kind in ("ed25519", "ecdsa", "rsa"))}).start()


def wrap(lab, path, version="1.1.0"):
    return lab.endpoint.wrap(path, version, (2,), lab.authority)


def test_whose(signed_lab, keys):
    """Refused before a byte is written, also with --force; then each kind of key, and the second."""
    lab = signed_lab
    before = lab.endpoint.fingerprint()
    path = lab.endpoint.make_bind("1.1.0", (2,))
    stranger = keys["stranger"].sign(path)
    content = bytearray(keys["ed25519"].sign(path).read_bytes())
    at = content.index(b"icon400")
    header_size = int.from_bytes(content[12:16], "little")
    content[at:at + 7] = b"ICON400"  # it would still fit, and the checksum is put right
    content[header_size - 32:header_size] = bind.hashlib.sha256(content[:header_size - 32]).digest()
    changed = path.with_suffix(".changed")
    changed.write_bytes(content)
    for refused, sentence in ((path, UNSIGNED), (stranger, STRANGER), (changed, STRANGER)):
        for options in ((), ("--force",)):
            rc, text = lab.install(wrap(lab, refused), *options)
            assert rc != 0, (refused, options, text)
            assert sentence in text
    assert lab.endpoint.fingerprint() == before
    assert "needs-activation" not in lab.device()["Flags"]
    for kind in ("ed25519", "ecdsa", "rsa"):
        rc, text = lab.install(wrap(lab, keys[kind].sign(path)))
        assert rc == 0, text
    rc, text = lab.install(wrap(lab, keys["ecdsa"].sign(stranger)))
    assert rc == 0, text
    assert lab.endpoint.slot_version("B") == "1.1.0"


def test_without_keys(lab, keys):
    """Whoever asks for no signature takes a bind with any."""
    rc, text = lab.install(wrap(lab, keys["stranger"].sign(lab.endpoint.make_bind("1.1.0", (2,)))))
    assert rc == 0, text


def test_field_after_a_signature(lab):
    path = lab.endpoint.make_bind("1.1.0", (2,), extra=[bind.field(10, b"x", critical=False),
                                                        bind.field(7, b"de")])
    rc, text = lab.install(wrap(lab, path))
    assert rc != 0
    assert ("UC bind header has the field 0x8007 behind a signature, which does not cover it"
            in text)


def test_wrong_keys(make_lab, keys, tmp_path):
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no key\n")
    for value, more, sentence in (
            (garbage, {}, f"[Install] VendorKeys: found '{garbage}', expected a PEM file with a "
             "public key of Ed25519, ECDSA or RSA with at least 2048 bits: "),
            (keys["short"].public, {}, "it is of kind RSA with 1024 bits"),
            ("vendor.pem", {}, "found 'vendor.pem', expected a PEM file"),
            (keys["rsa"].public, {"Format": "raw", "RawVersionPattern": "(.)"},
             f"VendorKeys: found '{keys['rsa'].public}', expected it with Format=bind only")):
        lab = make_lab(install_keys={"VendorKeys": value, **more}).start()
        assert lab.fwupd.devices() == {}
        assert sentence in lab.fwupd.process.log_text()
        lab.stop()


def test_two_steps(signed_lab, keys, tmp_path):
    """The key stays in an HSM."""
    path = signed_lab.endpoint.make_bind("1.1.0", (2,))
    message, signature, signed = (tmp_path / name for name in ("message", "sig", "signed.ucbind"))
    run([SIGN_BIND, "--message", path, message], check=True)
    run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", keys["ed25519"].private,
         "-in", message, "-out", signature], check=True)
    run([SIGN_BIND, "--signature", path, signed, signature], check=True)
    rc, text = signed_lab.install(wrap(signed_lab, signed))
    assert rc == 0, text


def test_make_cab(signed_lab, keys, tmp_path):
    path = tmp_path / "icon400.ucbind"
    bind.write(path, image("1.1.0"), version="1.1.0", hardware_levels=[2])
    info = tmp_path / "icon400.metainfo.xml"
    info.write_bytes(cab.metainfo("1.1.0", signed_lab.endpoint.guids((2,)), filename=path.name))
    out = tmp_path / "signed.cab"
    authority = signed_lab.authority
    run([SOURCES / "contrib/make-cab", f"--vendor-key={keys['rsa'].private}", out, info, path,
         authority.cert, authority.key], check=True)
    rc, text = signed_lab.install(out)
    assert rc == 0, text
    assert sorted(os.listdir(tmp_path)) == ["icon400.metainfo.xml", "icon400.ucbind", "signed.cab"]


def test_sign_bind_refuses(keys, tmp_path):
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"x" * 100)
    result = subprocess.run([SIGN_BIND, garbage, tmp_path / "out", keys["rsa"].private],
                            capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        1, f"contrib/sign-bind: {garbage}: it is no UC bind\n")
    assert not (tmp_path / "out").exists()
    assert run([SIGN_BIND, garbage]).returncode == 2
