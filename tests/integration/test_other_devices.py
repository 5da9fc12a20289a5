# SPDX-License-Identifier: LGPL-2.1-or-later
"""`[Agent] Devices=`: fwupd's own test device, a camera, under the policy of the room, on the lab."""

import os

import pytest

from uclab import cab
from uclab.lab import Lab
from uclab.logind import Logind
from uclab.process import LabError

BUILDDIR = os.environ["UC_BUILDDIR"]
GUID = "b585990a-003e-5270-89d5-3705a17f9a43"
PROTOCOL = "com.acme.test"
NAME = "Integrated Webcam™"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        with open(lab.fwupd.sysconf / "fwupd/fwupd.conf", "a", encoding="utf-8") as conf:
            conf.write("TestDevices=true\n")
        yield lab


def offer(lab, version, number):
    """A package for the camera, whose plugin reads the version in the payload; approved."""
    payload = lab.base / "firmware.bin"
    payload.write_text(number)
    path = cab.make(lab.base / f"camera-{version}.cab", version, payload, [GUID],
                    appid="com.acme.camera.firmware", name="Camera", vendor="ACME Corp.",
                    protocol=PROTOCOL)
    lab.mirror.do("import", path)
    entry = next(entry for entry in lab.mirror.json("list")["packages"]
                 if entry["version"] == version)
    lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")


def camera(lab):
    return next((entry for entry in lab.agent.json("status")["endpoints"]
                 if entry["name"] == NAME), None)


def test_camera(lab):
    """Not in a call, not while somebody is here; then installed, proven and in the inventory."""
    lab.agent.configure(f"[Agent]\nDevices={PROTOCOL}\n", "60-devices.conf")
    lab.start()
    offer(lab, "1.2.4", "0x1020004")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: camera(lab)["progress"] == "downloaded", 60, "the download")
    assert camera(lab)["version"] == "1.2.2"
    call = lab.agent.hold(300)
    lab.agent.wait_for(lambda: camera(lab)["reason_id"] == "use", 10, "the call")
    assert lab.agent.pass_time(301).returncode == 0
    assert camera(lab)["version"] == "1.2.2"
    call.kill()
    lab.supervisor.processes.remove(call)
    lab.agent.wait_for(lambda: camera(lab)["reason_id"] == "idle", 10, "the end of the call")
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: camera(lab)["version"] == "1.2.4", 30, "the update")
    lab.agent.wait_for(
        lambda: ("success", "1.2.4") in [(entry["event"], entry.get("version_new"))
                                         for entry in lab.agent.json("history")["entries"]],
        30, "success")
    assert camera(lab)["progress"] == "current"
    lab.agent.wait_for(
        lambda: [entry["last_event"] for entry in lab.mirror.json("endpoints")["endpoints"]
                 if entry["model"] == NAME] == ["success"], 30, "the report")


def camera_events(lab):
    return [(entry["event"], entry.get("version_new"))
            for entry in lab.agent.json("history")["entries"]]


def test_camera_that_needs_a_restart(lab):
    """Written in an idle room, then the machine's restart is asked for; what runs after it counts."""
    with open(lab.fwupd.sysconf / "fwupd/fwupd.conf", "a", encoding="utf-8") as conf:
        conf.write("[test]\nNeedsReboot=true\n")
    lab.agent.configure(f"[Agent]\nDevices={PROTOCOL}\nRestart=logind\n", "60-devices.conf")
    lab.start_service()
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    lab.agent.start()
    offer(lab, "1.2.4", "0x1020004")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: camera(lab)["progress"] == "downloaded", 60, "the download")
    logind.process.freeze()  # so that the restart is still being asked for when the call begins
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: ("activated", "1.2.4") in camera_events(lab), 60, "the update")
    lab.agent.wait_for(lambda: camera(lab)["progress"] == "activated", 30, "it in the status")
    assert camera(lab)["version"] == "1.2.2"
    call = lab.agent.hold(300)
    lab.agent.wait_for(lambda: lab.agent.json("status")["use"] == "call", 30, "the call")
    logind.process.kill()
    lab.supervisor.processes.remove(logind.process)
    logind.start()
    lab.agent.wait_for(lambda: camera(lab)["reason_id"] == "use", 30, "the call holds the restart")
    call.kill()
    lab.supervisor.processes.remove(call)
    lab.agent.wait_for(lambda: camera(lab)["reason_id"] != "use", 30, "the end of the call")
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: logind.calls().count("RebootWithFlags") == 1, 30, "the restart")
    # fwupd's test device forgets what was written, so it comes back with the old version
    lab.restart_endpoint()
    lab.agent.wait_for(lambda: ("failed", "1.2.4") in camera_events(lab), 60, "the failure")
    lab.agent.wait_for(lambda: camera(lab)["reason_id"] == "failed", 60, "not tried again")
    assert camera(lab)["version"] == "1.2.2"


def test_nobody_asked_for_it(lab):
    """Without Devices= fwupd's other devices are not ours."""
    lab.start()
    offer(lab, "1.2.4", "0x1020004")
    assert lab.agent.ctl("check").returncode == 0
    assert [entry["id"] for entry in lab.agent.json("status")["endpoints"]] == ["codec"]


def test_everything_is_refused(lab):
    """The machine's own firmware would be among it."""
    lab.agent.configure("[Agent]\nDevices=*\n", "60-devices.conf")
    lab.start_service()
    lab.bus.start()
    lab.fwupd.start()
    with pytest.raises(LabError, match=r"60-devices\.conf: \[Agent\] Devices has '\*', expected the "
                                       r"id, a GUID"):
        lab.agent.start()
