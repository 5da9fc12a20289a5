# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where nothing happens for days, the organisation hears of it, and of who stands in the way."""

import os

import pytest

from uclab.lab import Lab
from uclab.logind import Logind
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
DAY = 86400


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def wait(lab, secs):
    """Time passes, and the agent is told of nothing but somebody's hand; it does not look by that."""
    lab.agent.ahead_secs += secs
    replacement = lab.agent.clock.with_suffix(".new")
    replacement.write_text(str(lab.agent.ahead_secs), encoding="utf-8")
    replacement.rename(lab.agent.clock)
    assert Steps(lab).method("Activity").returncode == 0


def explained(lab):
    return lab.agent.json("explain")["endpoints"][0]


def heard(steps):
    """What the organisation's inventory says why nothing happens; empty while all goes its way."""
    return steps.inventory().get("blocked") or ""


def test_mandatory_in_a_call_of_a_day(lab):
    """No look in a call, and still the service hears of it, once it can be reached."""
    lab.agent.configure("[Agent]\nFirstUpdate=mandatory\n", "60-test.conf")
    lab.start()
    steps = Steps(lab)
    steps.begin_call("the board")
    steps.offer("1.1.0")
    steps.check()
    steps.wait_for_reason("use")
    wait(lab, DAY - 600)
    lab.agent.wait_for(lambda: explained(lab)["facts"]["busy_secs"] >= DAY - 600, 30, "the hours")
    assert explained(lab)["reports"] == []
    lab.mirror.stop()
    wait(lab, 601)
    lab.agent.wait_for(lambda: explained(lab)["reports"] == ["mandatory-in-call", "source-busy"], 30,
                       "the reports")
    lab.agent.process.wait_for_log("the service does not hear that the room is in use: ")
    lab.mirror.start()
    lab.agent.wait_for(lambda: heard(steps), 60, "the inventory")
    assert heard(steps) == ("mandatory-in-call, source-busy: the room is in use: "
                            "call (ucupdatesctl): the board, for 24 hours already")
    assert steps.endpoint()["progress"] == "available"
    assert lab.endpoint.boots_next() == "A" and not steps.events()


def test_never_idle_for_a_week(lab):
    """Somebody is always at the keyboard: told at a look, and nothing is applied."""
    lab.agent.configure("[Agent]\nActivitySources=logind\n", "60-test.conf")
    lab.start_service()
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    logind.set_idle(logind.add_session("c1"), False)
    lab.fwupd.start()
    lab.agent.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["activity_source"], 30, "the session")
    steps = Steps(lab)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    for days, reports in ((6, []), (1, ["never-idle"])):
        wait(lab, days * DAY)
        lab.agent.wait_for(lambda want=reports: explained(lab)["reports"] == want, 30, str(reports))
        steps.check()
        assert heard(steps).partition(": ")[0] == ", ".join(reports)
        assert steps.endpoint()["reason_id"] == "idle"
    assert lab.endpoint.boots_next() == "A"
