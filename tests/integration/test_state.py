# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent's state on a disk that is broken, full or read-only, on the lab."""

import os
import subprocess

import pytest

from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


@pytest.fixture(name="small")
def fixture_small(lab):
    """A small disk of its own for the state."""
    lab.start_service()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", lab.agent.state], check=True)
    lab.start_endpoint()
    lab.agent.wait_for(lambda: "last_check" in status(lab), 30, "the first look")
    yield lab
    lab.stop()
    subprocess.run(["umount", "--lazy", lab.agent.state], check=True)


def offer(lab, version):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    entry = next(entry for entry in lab.mirror.json("list")["packages"]
                 if entry["version"] == version)
    lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")


def status(lab):
    return lab.agent.json("status")


def is_staged(lab):
    return [entry["progress"] for entry in status(lab)["endpoints"]] == ["staged"]


def set_aside(lab, name):
    return list(lab.agent.state.rglob(f"{name}.unusable-*"))


def test_broken_files(lab):
    """Each is set aside and said so; the enrolment stays, and the update goes on."""
    lab.start()
    offer(lab, "1.1.0")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the staged update")
    lab.agent.kill()
    for name in ("service.json", "last-service.json", "history.json", "policy.json",
                 "updates/codec.json"):
        (lab.agent.state / name).write_bytes(b'{"format": "ucupd\0')
    lab.mirror.stop()  # so that nothing can be learnt anew
    lab.agent.start()
    lab.agent.wait_for(lambda: is_staged(lab), 60, "what fwupd says is staged")
    assert status(lab)["organisation"] == "room.example"
    assert status(lab)["endpoints"][0]["version_new"] == "1.1.0", "the plugin's record says that"
    for name in ("service.json", "history.json", "policy.json", "codec.json"):
        assert len(set_aside(lab, name)) == 1, name
        assert f"{name} cannot be used" in lab.agent.process.log_text()
    # what the organisation allows is not known, so nothing happens, after another start neither
    for _ in range(2):
        lab.agent.pass_time(3600)
        lab.agent.wait_for(lambda: status(lab)["endpoints"][0]["reason_id"] == "policy", 30,
                           "the policy that is missing")
        lab.agent.kill()
        lab.agent.start()
    assert lab.endpoint.boots_next() == "A"
    lab.mirror.start()
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: status(lab)["endpoints"][0]["reason_id"] != "policy", 30, "the policy")
    assert (lab.agent.state / "policy.json").exists()
    lab.agent.kill()
    lab.agent.start()
    assert status(lab)["organisation"] == "room.example"
    assert len(set_aside(lab, "service.json")) == 1, "once"


def test_broken_record_of_what_is_withdrawn(lab):
    """What the record named is taken back while it cannot be read: dropped all the same, by name."""
    lab.start()
    offer(lab, "1.0.0")
    offer(lab, "1.1.0")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the staged update")
    lab.agent.kill()
    (lab.agent.state / "updates/codec.json").write_bytes(b"{")
    before = next(entry["id"] for entry in lab.mirror.json("list")["packages"]
                  if entry["version"] == "1.0.0")
    lab.mirror.do("restore", before)
    lab.mirror.do("publish")
    lab.agent.start()
    lab.agent.wait_for(
        lambda: ("revoked", "1.1.0") in [(entry["event"], entry.get("version_new"))
                                         for entry in lab.agent.json("history")["entries"]],
        60, "the withdrawal")
    assert "needs-activation" not in lab.fwupd.devices()[lab.endpoint.name]["Flags"]
    assert lab.endpoint.boots_next() == "A"


def test_full_disk(small):
    """Nothing is begun that cannot be noted; once there is room it goes on by itself."""
    lab = small
    filler = lab.agent.state / "filler"
    with open(filler, "wb") as out:
        try:
            while True:
                out.write(bytes(1 << 16))
                out.flush()
        except OSError:
            pass
    before = lab.endpoint.fingerprint()
    offer(lab, "1.1.0")
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: "No space left" in lab.agent.process.log_text(), 30, "the sentence")
    assert not is_staged(lab)
    assert lab.endpoint.fingerprint() == before
    assert lab.agent.process.poll() is None
    assert status(lab)["organisation"] == "room.example"
    filler.unlink()
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the update")


def test_read_only_disk(small):
    """It starts, answers and says what is wrong; nothing is written to any slot."""
    lab = small
    lab.agent.stop()
    subprocess.run(["mount", "-o", "remount,ro", lab.agent.state], check=True)
    before = lab.endpoint.fingerprint()
    offer(lab, "1.1.0")
    lab.agent.own = lambda: None  # chown is refused there
    lab.agent.start()
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: "Read-only file system" in lab.agent.process.log_text(), 30,
                       "the sentence")
    assert status(lab)["organisation"] == "room.example"
    assert lab.agent.ctl("explain").returncode == 0
    assert not is_staged(lab)
    assert lab.endpoint.fingerprint() == before
    subprocess.run(["mount", "-o", "remount,rw", lab.agent.state], check=True)
    lab.agent.ctl("check")
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the update")
