# SPDX-License-Identifier: LGPL-2.1-or-later
"""A new version that runs is no success before it was found healthy: the real agent, fwupd and
ucupdates-confirm; systemd's part on the bus and systemctl are stand-ins."""

import os
import pathlib

import pytest

from uclab.confirm import Confirm
from uclab.endpoint import Endpoint
from uclab.lab import Lab
from uclab.process import wait_for, write_program
from uclab.steps import Steps

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])


@pytest.fixture(name="room")
def fixture_room(short_dir, tmp_path):
    health = write_program(tmp_path / "health",
                           f"test -e {tmp_path}/healthy || {{ echo no camera; exit 1; }}")
    with Lab(short_dir, BUILDDIR, install_keys={"Health": health, "ConfirmSec": 3}) as lab:
        lab.start()
        lab.confirm = Confirm(lab, BUILDDIR, tmp_path)
        lab.confirm.start_systemd()
        yield lab


def begin_trial(lab):
    """1.1.0 runs, and nobody has looked at it; the agent has."""
    steps = Steps(lab)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.1.0")
    lab.restart_endpoint()
    assert_trial(steps)
    return steps


def assert_trial(steps):
    """Also after the service was asked, which has nothing newer."""
    steps.agent.wait_for(lambda: steps.endpoint().get("version") == "1.1.0", 60, "1.1.0 runs")
    steps.check()
    assert steps.device()["Version"] == "1.1.0"
    assert ("success", "1.1.0") not in steps.events(), "nobody knows that yet"
    assert steps.endpoint()["progress"] == "activated"


def confirm_healthy(room, tmp_path):
    """And fwupd ends, so that the next one sees it."""
    (tmp_path / "healthy").touch()
    fwupd = room.fwupd.process
    result = room.confirm.run()
    assert result.returncode == 0, result.stderr
    wait_for(lambda: fwupd.poll() is not None, 30, "the end of the daemon")
    room.fwupd.restart()  # as the bus would


def test_healthy(room, tmp_path):
    steps = begin_trial(room)
    steps.pass_time(7200)
    assert steps.endpoint()["reason_id"] == "other", "nothing ends the trial"
    confirm_healthy(room, tmp_path)
    steps.wait_for_event("success", "1.1.0")
    assert ("failed", "1.1.0") not in steps.events()


def test_not_healthy(room):
    """Gone back from: a failure with the reason, never a success, and not tried again."""
    steps = begin_trial(room)
    result = room.confirm.run()
    assert result.returncode == 1 and "no camera" in result.stderr, result.stderr
    room.restart_endpoint()
    steps.wait_for_event("failed", "1.1.0")
    assert ("success", "1.1.0") not in steps.events()
    assert steps.device()["Version"] == "1.0.0"
    steps.check()
    assert steps.endpoint()["reason_id"] == "failed"
    assert not steps.is_staged()


def test_activated_by_nobody_seen(room):
    """The agent was not there when somebody activated it and restarted the machine."""
    steps = Steps(room)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    device = steps.device()["DeviceId"]
    room.agent.stop()
    assert room.fwupd.fwupdmgr("activate", device).returncode == 0
    room.fwupd.stop()
    room.endpoint.restart()
    room.fwupd.start()
    room.agent.start()
    assert_trial(steps)
    steps.wait_for_event("activated", "1.1.0")
    assert room.confirm.run().returncode == 1
    room.restart_endpoint()
    steps.wait_for_event("failed", "1.1.0")
    assert ("success", "1.1.0") not in steps.events()


def test_another_endpoint(room, tmp_path):
    """What becomes of it is seen and told while the codec is on trial, however long that takes."""
    mic = Endpoint(tmp_path / "mic", "mic", name="Mic", vendor="Acme", model="mic", install_keys={
        "Type": "command", "Program": write_program(tmp_path / "program", "echo result staged")})
    mic.conf = room.endpoint.conf.with_name("mic.conf")
    mic.write_config()
    steps = begin_trial(room)
    cab_before = set((room.mirror.root / "public/cabs").glob("*.cab"))
    steps.offer("2.0.0", mic)
    (cab,) = set((room.mirror.root / "public/cabs").glob("*.cab")) - cab_before
    steps.pass_time(301)
    result = room.fwupd.fwupdmgr("install", cab)
    assert result.returncode == 0, result.stdout + result.stderr
    steps.wait_for_event("staged", None, "mic")
    assert steps.endpoint()["progress"] == "activated"
    assert {event for event, _ in steps.events()} == {"staged", "activated"}, "on trial still"


def begin_again(lab):
    """The version that runs, installed anew: it runs from the other slot, and its version proves
    nothing."""
    steps = Steps(lab)
    steps.offer("1.0.0")
    steps.check()
    result = lab.agent.ctl("install", "codec", "--version=1.0.0")
    assert result.returncode == 0, result.stderr
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.0.0 activated")
    lab.restart_endpoint()
    assert lab.endpoint.running == "B"
    steps.wait_for_reason("other", deadline_secs=60)
    steps.check()
    assert steps.endpoint()["progress"] == "activated"
    assert {event for event, _ in steps.events()} == {"staged", "activated"}
    return steps


def test_same_version_healthy(room, tmp_path):
    steps = begin_again(room)
    confirm_healthy(room, tmp_path)
    steps.wait_for_event("success", "1.0.0")
    assert ("failed", "1.0.0") not in steps.events()


def test_same_version_not_healthy(room):
    """What fell back is called by its name, although the right version runs."""
    steps = begin_again(room)
    result = room.confirm.run()
    assert result.returncode == 1 and "no camera" in result.stderr, result.stderr
    room.restart_endpoint()
    assert room.endpoint.running == "A"
    steps.wait_for_event("failed", "1.0.0")
    assert ("success", "1.0.0") not in steps.events()
    assert "no camera" in room.agent.json("history")["entries"][0]["message"]


def test_same_version_by_somebody(room, tmp_path):
    """With fwupdmgr: the agent does not know which version it was, and learns how it ended."""
    steps = Steps(room)
    steps.offer("1.0.0")
    steps.check()
    (cab,) = (room.mirror.root / "public/cabs").glob("*.cab")
    result = room.fwupd.fwupdmgr("install", cab, "--allow-reinstall")
    assert result.returncode == 0, result.stdout + result.stderr
    steps.wait_for_event("staged", None)
    assert room.fwupd.fwupdmgr("activate", steps.device()["DeviceId"]).returncode == 0
    steps.wait_for_event("activated", None)
    room.restart_endpoint()
    steps.wait_for_reason("other", deadline_secs=60)
    confirm_healthy(room, tmp_path)
    steps.wait_for_event("success", None)
    assert ("failed", None) not in steps.events()
