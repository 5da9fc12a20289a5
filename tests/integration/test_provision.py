# SPDX-License-Identifier: LGPL-2.1-or-later
"""An image that files alone make ready, and state that another version of the product wrote."""

import json
import os
import pathlib
import shutil

import pytest

from uclab.lab import Lab, SERVICE
from uclab.process import run

URL = f"https://{SERVICE}/"
BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def status(lab):
    return lab.agent.json("status")


def offer(lab, version):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    entry = next(entry for entry in lab.mirror.json("list")["packages"]
                 if entry["version"] == version)
    lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")


def is_staged(lab):
    device = lab.fwupd.devices().get(lab.endpoint.name)
    return device is not None and "needs-activation" in device["Flags"]


def stage(lab, version):
    offer(lab, version)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab) and "staged" in events(lab), 60, f"{version} staged")
    lab.agent.wait_for(lambda: status(lab)["work"] == "idle", 60, "an agent that waits")


def events(lab):
    return [entry["event"] for entry in lab.agent.json("history")["entries"]]


def copy_files(lab):
    """docs/deployment.md, "An image without a hand on it": nothing is run."""
    for purpose in ("tls", "documents", "payload", "metadata", "recovery"):
        shutil.copytree(lab.mirror.root / "trust" / purpose,
                        lab.agent.sysconf / "trust.d" / purpose, dirs_exist_ok=True)
    lab.fwupd.trust(payload=lab.mirror.anchors("payload"),
                    metadata=lab.mirror.anchors("metadata"))


def test_files_alone(lab):
    """First boot: no command was ever run on the endpoint, and it enrols and updates itself."""
    lab.agent.trust = lambda mirror: None
    lab.agent.configure("[Agent]\nFirstUpdate=mandatory\n", "60-image.conf")
    lab.start_service()
    offer(lab, "1.1.0")
    copy_files(lab)
    assert not any(lab.agent.state.iterdir()), "factory state"
    lab.start_endpoint()
    lab.agent.wait_for(lambda: status(lab).get("organisation") == "room.example", 60, "enrolment")
    lab.agent.wait_for(lambda: lab.endpoint.slot_version("B") == "1.1.0", 120, "the first update")


def test_without_anchors(lab):
    """What is not in the image is not trusted, and what is missing is said."""
    lab.agent.trust = lambda mirror: None
    lab.start()
    lab.agent.wait_for(lambda: "trust.d" in status(lab).get("check_error", ""), 60,
                       f"a sentence about anchors: {status(lab)}")
    assert "organisation" not in status(lab)


def service(lab, *arguments):
    return run([BUILDDIR / "agent/ucupdatesctl", "service", *arguments], timeout_secs=300,
               env={**lab.agent.env, "LC_ALL": "C.UTF-8",
                    "PATH": f"{BUILDDIR}/trust:{os.environ['PATH']}"})


def test_by_hand(lab):
    """Anchors and URL in one command; nothing of it counts when the bundle is no bundle."""
    lab.agent.trust = lambda mirror: None
    lab.start()
    lab.agent.wait_for(lambda: "check_error" in status(lab), 60, "the first look")
    empty = lab.base / "empty"
    empty.mkdir()
    result = service(lab, URL, f"--ca={empty}")
    assert result.returncode == 1 and str(empty) in result.stderr, result.stderr
    assert "organisation" not in status(lab)
    result = service(lab, "--forget", f"--ca={empty}")
    assert result.returncode == 2 and "--forget goes with nothing else" in result.stderr
    result = service(lab, URL, f"--ca={lab.mirror.root}/trust")
    assert result.returncode == 0, result.stderr
    assert status(lab)["organisation"] == "room.example"
    assert lab.agent.json("service")["given_url"] == URL


def pin_of(certificate):
    """As `openssl` makes it of the service's own certificate."""
    return run(["sh", "-euc", f"openssl x509 -in {certificate} -pubkey -noout | openssl pkey -pubin"
                " -outform der | openssl dgst -sha256 -binary | base64 -w0"], check=True).stdout


def test_pinned_by_hand(lab):
    """Another key than the service's: nothing is taken from it; its own: all goes on."""
    lab.agent.trust = lambda mirror: None
    lab.start()
    result = service(lab, f"--ca={lab.mirror.root}/trust", "--pin=sha256//abc")
    assert result.returncode == 2 and "expected sha256//" in result.stderr
    assert not (lab.agent.sysconf / "trust.d/tls").exists(), "nothing is changed before"
    wrong = pin_of(lab.mirror.root / "keys/documents/leaf.pem")
    result = service(lab, f"--ca={lab.mirror.root}/trust", f"--pin=sha256//{wrong}")
    assert result.returncode == 0, result.stderr
    assert "counts when ucupdatesd starts again" in result.stderr
    lab.agent.stop()
    lab.agent.start()
    assert service(lab, URL).returncode == 1
    assert "organisation" not in status(lab)
    right = pin_of(lab.mirror.root / "keys/tls/leaf.pem")
    assert service(lab, f"--pin=sha256//{right}").returncode == 0
    lab.agent.stop()
    lab.agent.start()
    result = service(lab, URL)
    assert result.returncode == 0, result.stderr
    assert status(lab)["organisation"] == "room.example"


def state_files(lab):
    return [lab.agent.state / "service.json", lab.agent.state / "last-service.json",
            lab.agent.state / "history.json", lab.agent.state / "updates/codec.json"]


def unusable(lab):
    return [path.name for path in lab.agent.state.rglob("*.unusable-*")]


def rewrite(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def come_back(lab):
    lab.agent.own()
    lab.fwupd.start()
    lab.agent.start()
    lab.agent.wait_for(lambda: status(lab)["endpoints"], 60, "the endpoint")
    lab.agent.wait_for(lambda: "last_check" in status(lab), 60, "the first look")


def test_state_of_a_newer_version(lab):
    """After a fallback of the product: members that are not known yet change nothing."""
    lab.start()
    stage(lab, "1.1.0")
    lab.agent.stop()
    lab.fwupd.stop()
    for path in state_files(lab):
        assert path.exists(), path
        rewrite(path, lambda document: document.update({"later": {"deep": [1, None, "x"]}}))
    record = lab.fwupd.localstate / "lib/fwupd/uc-endpoint/codec.state"
    record.write_text(record.read_text() + "\n[Later]\nKey=value\n")
    lab.agent.configure("[Agent]\nLaterKey=1\n[Later]\nKey=1\n", "70-later.conf")
    come_back(lab)
    assert unusable(lab) == []
    assert status(lab)["organisation"] == "room.example"
    assert is_staged(lab) and events(lab) == ["staged"]
    assert "LaterKey" in lab.agent.process.log_text(), "an unknown key is warned about"
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.1.0 activated")


def test_state_of_an_older_version(lab):
    """An upgrade of the product: what an older one did not write yet is false or never."""
    lab.start()
    stage(lab, "1.1.0")
    lab.agent.stop()
    lab.fwupd.stop()
    kept = {"format", "uuid", "stage", "version_old", "version_new", "sha256", "since"}

    def strip(document):
        for member in set(document) - kept:
            del document[member]

    rewrite(lab.agent.state / "updates/codec.json", strip)
    rewrite(lab.agent.state / "service.json",
            lambda document: [document.pop(member, None)
                              for member in ("floor", "keys_etag", "given_url", "metadata")])
    (lab.agent.state / "service-copy.json").unlink(missing_ok=True)
    come_back(lab)
    assert unusable(lab) == []
    assert status(lab)["organisation"] == "room.example"
    assert is_staged(lab)
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.1.0 activated")
