# SPDX-License-Identifier: LGPL-2.1-or-later
"""What somebody else's signature, or all that the serving process can read, is good for: nothing."""

import base64
import gzip
import json
import os
import shutil

import pytest

from uclab.forge import Forger, open_envelope, sign
from uclab.lab import Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
        lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
        lab.mirror.do("publish")
        yield lab


def replace(path, text):
    path.unlink()
    path.write_text(text, encoding="utf-8")


def refusal(lab):
    result = lab.agent.discover("--json")
    assert result.returncode == 5, result.stderr + result.stdout
    return json.loads(result.stdout)["refusals"][0]["reason"]


def pkcs7_of_cab(cab, directory):
    """A signature by the payload key as it is in a package."""
    directory.mkdir()
    run(["gcab", "-x", "-C", directory, cab], check=True)
    for path in directory.rglob("*.jcat"):
        text = gzip.decompress(path.read_bytes()).decode()
        for item in json.loads(text)["Items"]:
            for blob in item["Blobs"]:
                if blob["Data"].startswith("-----BEGIN PKCS7"):
                    checksum = next(b["Data"] for b in item["Blobs"]
                                    if len(b["Data"]) == 64)
                    return checksum, blob["Data"]
    raise AssertionError(f"no signature in {cab}")


def test_signature_lifted_out_of_a_cab(lab, tmp_path):
    """It is valid over the bytes that it comes with, and by a CA of this organisation."""
    public = (lab.mirror.root / "public").resolve()
    checksum, signature = pkcs7_of_cab(next(public.rglob("*.cab")), tmp_path / "cab")
    (tmp_path / "checksum").write_text(checksum, encoding="utf-8")
    (tmp_path / "signature").write_text(signature, encoding="utf-8")
    run(["certtool", "--p7-verify", "--load-ca-certificate", lab.mirror.anchors("payload")[0],
         "--load-data", tmp_path / "checksum", "--infile", tmp_path / "signature"], check=True)
    description = lab.mirror.root / "public/.well-known/ucupdates.json"
    replace(description, json.dumps({
        "format": "ucupdates-envelope-1",
        "payload": base64.b64encode(checksum.encode()).decode(),
        "signature": signature,
    }))
    assert "service-description is not signed by an anchor in" in refusal(lab)


def test_what_the_serving_process_can_read(lab, tmp_path):
    """The TLS key and the published tree, of today and of yesterday; no key that signs."""
    forger = Forger(lab.mirror, tmp_path)
    public = lab.mirror.root / "public"
    yesterday = tmp_path / "yesterday"
    shutil.copytree(public, yesterday)
    lab.mirror.do("publish")
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    known = lab.agent.json("service")
    stolen = forger.pair("tls")
    body = open_envelope(forger.description)
    good = forger.description.read_text(encoding="utf-8")

    def check(sentence):
        result = lab.agent.ctl("check")
        assert result.returncode == 1 and sentence in result.stderr, result.stderr
        assert lab.agent.json("service")["serial"] == known["serial"], "what is known stays"

    # signs with what it has
    replace(forger.description, sign({**body, "serial": body["serial"] + 1}, *stolen, tmp_path))
    check("service-description is not signed by an anchor in")
    # gives out what was true yesterday
    replace(forger.description,
            (yesterday / ".well-known/ucupdates.json").read_text(encoding="utf-8"))
    check(f"is older than {known['serial']} seen before")
    # a good envelope with another payload in it
    envelope = json.loads(good)
    envelope["payload"] = base64.b64encode(json.dumps(body).encode()).decode()
    replace(forger.description, json.dumps(envelope))
    check("service-description is not signed by an anchor in")
    replace(forger.description, good)
    assert lab.agent.ctl("check").returncode == 0


def test_keys_that_the_serving_process_must_not_have(lab):
    """Every private key but that of TLS is for its owner alone."""
    keys = sorted((lab.mirror.root / "keys").rglob("*.key"))
    assert keys
    for path in keys:
        assert path.stat().st_mode & 0o077 == 0, path
