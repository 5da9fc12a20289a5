# SPDX-License-Identifier: LGPL-2.1-or-later
"""TLS below a CA that the organisation has already, with its key at hand and without."""
import pytest

from enrolment import certtool
from mirrorlab import HOST, Mirror, Service


@pytest.fixture(name="make_ca")
def fixture_make_ca(tmp_path):
    def make_ca(name, options="ca\ncert_signing_key\n"):
        key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
        template = tmp_path / "template"
        template.write_text(f'cn = "{name}"\n{options}expiration_days = 99\n')
        certtool("--generate-privkey", "--key-type=rsa", "--outfile", key)
        certtool("--generate-self-signed", "--load-privkey", key, "--template", template,
                 "--outfile", certificate)
        return certificate, key
    return make_ca


def serves(mirror):
    """Whether somebody who only has the trust bundle gets an answer."""
    mirror.run("publish")
    service = Service(mirror)
    try:
        assert service.request("GET", "/policy.json").status == 200
    finally:
        assert service.stop() == 0


def test_with_its_key(tmp_path, make_ca):
    mirror = Mirror(tmp_path)
    certificate, key = make_ca("Organisation")
    mirror.run("init", "--organisation=room.example", f"--tls-ca={certificate}",
               f"--tls-ca-key={key}")
    assert not (mirror.root / "keys/tls/ca.key").exists()
    anchor, = (mirror.root / "trust/tls").iterdir()
    assert anchor.read_text() == certificate.read_text()
    serves(mirror)


def sign(mirror, pair, output, host=HOST):
    template = output.with_suffix(".template")
    template.write_text(f'tls_www_server\nsigning_key\nexpiration_days = 9\ndns_name = "{host}"\n')
    certtool("--generate-certificate", "--load-request", mirror.root / "keys/tls/leaf.csr",
             "--template", template, "--load-ca-certificate", pair[0], "--load-ca-privkey", pair[1],
             "--outfile", output)
    return output


def test_signed_elsewhere(tmp_path, make_ca):
    mirror, ours, other = Mirror(tmp_path), make_ca("Organisation"), make_ca("Other")
    told = mirror.run("init", "--organisation=room.example", f"--tls-ca={ours[0]}")
    assert "leaf.csr signed by the CA, then 'key install tls --certificate=FILE'" in told
    assert HOST in certtool("--crq-info", "--infile", mirror.root / "keys/tls/leaf.csr")
    assert "leaf.pem" in mirror.run("serve", "--listen=127.0.0.1:0", status=1)
    for wrong, sentence in (
            (sign(mirror, other, tmp_path / "ca-of-others"), "endpoints would refuse it"),
            (sign(mirror, ours, tmp_path / "host-of-others", "www.room.example"),
             "endpoints would refuse it"),
            (ours[0], "is for another key than the certificate")):
        assert sentence in mirror.run("key", "install", "tls", f"--certificate={wrong}", status=1)
    assert not (mirror.root / "keys/tls/leaf.pem").exists()
    right = sign(mirror, ours, tmp_path / "right")
    mirror.run("key", "install", "tls", f"--certificate={right}")
    serves(mirror)
    for wrong in (["tls"], ["documents", f"--certificate={right}"], [f"--certificate={right}"]):
        assert "expected 'ucupdates-mirror" in mirror.run("key", "install", *wrong, status=2)


def test_refused(tmp_path, make_ca):
    """Nothing is made, so that it can be run again."""
    mirror, ours, other = Mirror(tmp_path), make_ca("Organisation"), make_ca("Other")
    leaf = make_ca("Leaf", "signing_key\n")
    for options, status, sentence in (
            ([f"--tls-ca={leaf[0]}"], 1, "the certificate is no CA's"),
            ([f"--tls-ca={ours[0]}", f"--tls-ca-key={other[1]}"], 1, "for another key"),
            ([f"--tls-ca={ours[1]}"], 1, "private key"),
            ([f"--tls-ca={tmp_path / 'none'}"], 1, "none"),
            ([f"--tls-ca-key={ours[1]}"], 2, "expected --ca, or --tls-ca=FILE"),
            (["--ca", f"--tls-ca={ours[0]}"], 2, "expected --ca, or --tls-ca=FILE")):
        told = mirror.run("init", "--organisation=room.example", *options, status=status)
        assert sentence in told, told
        assert not mirror.root.exists()
