# SPDX-License-Identifier: LGPL-2.1-or-later
"""`[Agent] Restart=logind`: asked once, never past an inhibitor, held by a call; a mock logind."""

import os

import pytest

from uclab.lab import Lab
from uclab.logind import Logind

BUILDDIR = os.environ["UC_BUILDDIR"]
# RebootWithFlags of SD_LOGIND_ROOT_CHECK_INHIBITORS alone
ASKED = "RebootWithFlags 1"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.agent.configure("[Agent]\nRestart=logind\n", "60-restart.conf")
        lab.start_service()
        lab.bus.start()
        lab.logind = Logind(lab.supervisor, lab.bus)
        lab.logind.start()
        lab.fwupd.start()
        lab.agent.start()
        yield lab


def asked(lab):
    """How often logind was asked for a restart, in any way."""
    calls = lab.logind.calls()
    assert calls.count("Reboot") == calls.count(ASKED), calls
    return calls.count(ASKED)


def events(lab):
    return [entry["event"] for entry in lab.agent.json("history")["entries"]]


def stage(lab):
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: "staged" in events(lab), 60, "staged")


def reason(lab):
    return lab.agent.json("status")["endpoints"][0]["reason_id"]


def test_asked_once(lab):
    stage(lab)
    assert asked(lab) == 0
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: asked(lab) == 1, 30, "the restart")
    assert events(lab)[0] == "activated"
    # neither another look nor another start of the agent asks again
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.stop()
    lab.agent.start()
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: lab.agent.json("status")["work"] == "idle", 30, "the end")
    assert asked(lab) == 1


def test_call_holds_it(lab):
    """A call begins after the activation: the restart comes when the room is idle again."""
    stage(lab)
    lab.logind.stop()  # so that the first attempt fails, and there is a moment in between
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: "activated" in events(lab), 30, "the activation")
    call = lab.agent.hold(300)
    lab.agent.wait_for(lambda: reason(lab) == "use", 10, "the call")
    lab.logind.start()
    assert lab.agent.pass_time(4000).returncode == 0
    assert reason(lab) == "use"
    assert asked(lab) == 0
    call.kill()
    lab.supervisor.processes.remove(call)
    lab.agent.wait_for(lambda: reason(lab) == "idle", 10, "the end of the call")
    assert asked(lab) == 0
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: asked(lab) == 1, 30, "the restart")
