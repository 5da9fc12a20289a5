# SPDX-License-Identifier: LGPL-2.1-or-later
"""A new version that runs is no success before it was found healthy: the real agent, fwupd and
ucupdates-confirm; systemd's part on the bus and systemctl are stand-ins."""

import os
import pathlib

import pytest

from uclab.confirm import Confirm
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
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.1.0 activated")
    lab.restart_endpoint()
    lab.agent.wait_for(lambda: steps.endpoint().get("version") == "1.1.0", 60, "1.1.0 runs")
    steps.check()
    assert steps.device()["Version"] == "1.1.0"
    assert ("success", "1.1.0") not in steps.events(), "nobody knows that yet"
    assert steps.endpoint()["progress"] == "activated"
    return steps


def test_healthy(room, tmp_path):
    steps = begin_trial(room)
    steps.pass_time(7200)
    assert steps.endpoint()["reason_id"] == "other", "nothing ends the trial"
    (tmp_path / "healthy").touch()
    fwupd = room.fwupd.process
    result = room.confirm.run()
    assert result.returncode == 0, result.stderr
    wait_for(lambda: fwupd.poll() is not None, 30, "the end of the daemon")
    room.fwupd.restart()  # as the bus would
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
