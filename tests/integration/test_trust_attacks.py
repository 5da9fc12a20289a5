# SPDX-License-Identifier: LGPL-2.1-or-later
"""What somebody else's signature, or all that the serving process can read, is good for: nothing."""

import base64
import gzip
import json
import os
import shutil

import pytest

from uclab import net
from uclab.forge import Forger, open_envelope, sign
from uclab.lab import Lab
from uclab.process import run
from uclab.web import Web

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


def offer_more(lab, version):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    packages = lab.mirror.json("list")["packages"]
    lab.mirror.do("approve", next(p["id"] for p in packages if p["state"] == "pending"))
    lab.mirror.do("publish")


def damaged(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:]


def serve_first(web, name, texts):
    """The first answers for a file, in their order, before what is published now."""
    def act(handler):
        text = texts.pop(0) if texts else (web.root / name).read_bytes()
        handler._reply(200, text)  # pylint: disable=protected-access

    web.acts[f"/{name}"] = act


def serve(lab):
    lab.mirror.stop()
    keys = lab.mirror.root / "keys/tls"
    return Web(net.MIRROR, lab.mirror.root / "public", keys / "leaf.pem", keys / "leaf.key")


def never_refused(lab):
    return "refused" not in [entry["event"] for entry in lab.agent.json("history")["entries"]]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_published_in_between(lab, count):
    """The endpoint reads the first files, then the mirror publishes, then it reads the next one."""
    public = lab.mirror.root / "public"
    first = [".well-known/ucupdates.json", "policy.json", "firmware.xml.zst"][:count]
    texts = {name: [(public / name).read_bytes()] for name in first}
    offer_more(lab, "1.2.0")
    with serve(lab) as web:
        for name in first:
            serve_first(web, name, texts[name])
        lab.start_endpoint()
        result = lab.agent.ctl("check")
        assert result.returncode == 0, result.stderr
        assert web.paths().count("/.well-known/ucupdates.json") >= 2
        assert not any(texts.values()) and never_refused(lab)
        assert "looking for updates: " not in lab.agent.process.log_text(), "the first look"


def test_published_twice_in_between(lab):
    """Nobody can tell yet; the next look can."""
    public = lab.mirror.root / "public"
    name = ".well-known/ucupdates.json"
    texts = []
    for version in ["1.2.0", "1.3.0"]:
        texts.append((public / name).read_bytes())
        offer_more(lab, version)
    with serve(lab) as web:
        serve_first(web, name, texts)
        lab.start_endpoint()
        lab.agent.ctl("check")  # the first look, unless the agent was faster
        lab.agent.process.wait_for_log(
            "looking for updates: the service publishes at this moment: policy.json has ")
        assert never_refused(lab)
        result = lab.agent.ctl("check")
        assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["policy.json", "firmware.xml.zst", "firmware.xml.zst.jcat"])
def test_published_file_swapped(lab, tmp_path, name):
    """Each is signed, was published and is good; but it is not the one that the description names."""
    public = lab.mirror.root / "public"
    yesterday = (public / name).read_bytes()
    offer_more(lab, "1.2.0")
    today = (public / name).read_bytes()
    swapped = {"yesterday": yesterday, "damaged": damaged(today), "cut": today[:-1], "empty": b"",
               "another": (public / ".well-known/ucupdates.json").read_bytes()}
    first = True
    for kind, data in swapped.items():
        (public / name).unlink()
        (public / name).write_bytes(data)
        if first:
            lab.start_endpoint()
            first = False
        result = lab.agent.ctl("check")
        assert result.returncode == 1, kind
        assert name in result.stderr and (
            "by the service description" in result.stderr or "larger than" in result.stderr
            or "SHA-256" in result.stderr), f"{kind}: {result.stderr}"
        if name != "policy.json":
            assert lab.fwupd.fwupdmgr("get-updates").returncode == 2, f"{kind}: offered"
    assert not never_refused(lab)
    (public / name).unlink()
    (public / name).write_bytes(today)
    assert lab.agent.ctl("check").returncode == 0


@pytest.mark.parametrize("kind", ["yesterday", "damaged"])
def test_package_swapped(lab, kind):
    """Another package of the organisation's own, good and approved, under the name of the new one."""
    cabs = lab.mirror.root / "public/cabs"
    old = next(cabs.iterdir()).read_bytes()
    offer_more(lab, "1.2.0")
    path = next(path for path in cabs.iterdir() if path.read_bytes() != old)
    good = path.read_bytes()
    path.unlink()
    path.write_bytes(old if kind == "yesterday" else damaged(good))
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    status = lambda: lab.agent.json("status")["endpoints"][0]
    lab.agent.wait_for(lambda: status().get("error"), 30, "the refusal")
    error = status()["error"]
    assert "by the signed metadata" in error or "connection ended after" in error or (
        "larger than" in error), error
    device = lab.fwupd.devices()[lab.endpoint.name]
    assert "needs-activation" not in device["Flags"] and device["Version"] == "1.0.0"
    assert not list((lab.agent.state / "downloads").glob("*.cab"))


def test_keys_that_the_serving_process_must_not_have(lab):
    """Every private key but that of TLS is for its owner alone."""
    keys = sorted((lab.mirror.root / "keys").rglob("*.key"))
    assert keys
    for path in keys:
        assert path.stat().st_mode & 0o077 == 0, path
