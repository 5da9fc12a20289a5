# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint's evening as the documents have it: nobody types a command, time passes, people come
and go. The agent has a user of its own, fwupd and polkit are the real ones, logind is a mock."""

import os

import pytest

from uclab.lab import Lab
from uclab.logind import Logind
from uclab.steps import Steps, afternoon_zone

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        assert lab.agent.user is not None, "the build directory is below one that is root's alone"
        lab.agent.zone = afternoon_zone()
        lab.agent.configure("[Agent]\nRestart=logind\n", "60-test.conf")
        yield lab


def start(lab, *rules):
    """Everything up, between 18:00 and 19:00; returns the steps and the logind."""
    lab.start_service()
    steps = Steps(lab)
    steps.rules("Windows=20:00-06:00", *rules)
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    lab.agent.start()
    return steps, logind


def restarts(logind):
    """How often the agent asked for one."""
    return logind.calls().count("RebootWithFlags")


def finish(steps, logind, version):
    """The restart is asked for, once; afterwards the new version runs, and everybody knows."""
    lab = steps.lab
    lab.agent.wait_for(lambda: restarts(logind) == 1, 30, "the restart")
    assert steps.events()[0] == ("activated", version)
    lab.restart_endpoint()
    assert steps.device()["Version"] == version
    steps.wait_for_event("success", version)
    lab.agent.wait_for(lambda: steps.inventory().get("last_event") == "success", 30, "the report")
    lab.agent.wait_for(lambda: steps.inventory()["version"] == version, 30, "the check-in")
    found = steps.endpoint()
    assert found["version"] == version and found["progress"] == "current"
    updated = next(entry["time"] for entry in lab.agent.json("history")["entries"]
                   if entry["event"] == "success")
    assert found["updated"] == updated, "the date of the last update is one call away"
    assert restarts(logind) == 1


def test_evening(lab):
    """Lifesize: NO by day, NO at night, a call, input, and nobody there in the end."""
    steps, logind = start(lab, "Style=prompt")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    # by day people are asked at the first pairing, once
    prompt = steps.wait_for_prompt()
    assert prompt["day"] and prompt["no-allowed"] and not prompt["notice"]
    steps.pass_until(19, 30)
    steps.wait_for_prompt(False)
    assert steps.endpoint()["reason_id"] == "window"
    # the window is open, and the endpoint's own moment in it comes
    steps.pass_until(20)
    if not steps.prompt():
        assert steps.endpoint()["reason_id"] == "spread"
        steps.pass_until_next()
    prompt = steps.wait_for_prompt()
    assert not prompt["day"] and prompt["no-allowed"] and prompt["wake-display"]
    assert prompt["version"] == "1.1.0" and 60 < prompt["remaining-secs"] <= 120
    steps.answer(False)
    assert not steps.prompt()
    assert steps.endpoint()["reason_id"] == "snooze"
    steps.pass_time(1100)
    assert not steps.prompt()
    steps.pass_time(101)
    steps.wait_for_prompt()
    # a call takes it away, which is no answer, and five minutes after the call it is back
    call = steps.begin_call()
    steps.wait_for_prompt(False)
    assert steps.endpoint()["reason_id"] == "use"
    steps.pass_time(1800)
    assert not steps.prompt()
    said_no = steps.facts()["said_no"]
    steps.end_call(call)
    steps.pass_time(200)
    assert not steps.prompt()
    assert steps.endpoint()["reason_id"] == "prompt"
    steps.pass_time(101)
    steps.wait_for_prompt()
    assert steps.facts()["said_no"] == said_no
    # input that is no answer restarts the two minutes
    steps.pass_time(80)
    assert steps.method("PromptInput").returncode == 0
    steps.pass_time(80)
    assert steps.prompt()["remaining-secs"] <= 40
    assert ("activated", "1.1.0") not in steps.events() and lab.endpoint.boots_next() == "A"
    steps.pass_time(41)
    steps.wait_for_event("activated", "1.1.0")
    assert lab.endpoint.boots_next() == "B"
    finish(steps, logind, "1.1.0")
    # our own restart is no reason to ask by day
    steps.offer("1.2.0")
    steps.stage("1.2.0")
    steps.pass_until(12)
    assert steps.endpoint()["reason_id"] == "window" and not steps.prompt()


def test_no_by_day(lab):
    """Lifesize: NO outside the window holds until the next one; a restart of people's own asks again."""
    steps, logind = start(lab, "Style=prompt", "SpreadSec=0")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.wait_for_prompt()
    steps.pass_until(19, 59)
    lab.restart_endpoint()
    steps.wait_for_prompt()
    steps.answer(False)
    # 20:00 is within twenty minutes, so that it is not the next window's begin that counts alone
    steps.pass_until(20, 10)
    assert not steps.prompt() and steps.endpoint()["reason_id"] == "snooze"
    steps.pass_until(20, 21)
    steps.wait_for_prompt()
    steps.answer(True)
    steps.wait_for_event("activated", "1.1.0")
    finish(steps, logind, "1.1.0")


def test_idle(lab):
    """Lync: fetched and staged early, applied after five minutes without anybody, then restarted."""
    steps, logind = start(lab, "Style=idle", "SpreadSec=0")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.pass_until(19, 58)
    assert steps.endpoint()["reason_id"] == "window"
    assert steps.method("Activity").returncode == 0
    steps.pass_until(20)
    assert steps.endpoint()["reason_id"] == "idle"
    steps.pass_time(100)
    assert steps.endpoint()["reason_id"] == "idle"
    # somebody comes: the five minutes start again
    assert steps.method("Activity").returncode == 0
    steps.pass_time(200)
    assert steps.endpoint()["reason_id"] == "idle"
    assert ("activated", "1.1.0") not in steps.events() and restarts(logind) == 0
    steps.pass_time(101)
    steps.wait_for_event("activated", "1.1.0")
    finish(steps, logind, "1.1.0")


def test_call_between_activation_and_restart(lab):
    """The restart waits for the end of a call that begins after the activation, and for idleness."""
    steps, logind = start(lab, "Style=idle", "SpreadSec=0")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    # logind hangs, so that the agent is still asking when the call begins
    logind.process.freeze()
    steps.pass_until(22)
    steps.wait_for_event("activated", "1.1.0")
    call = steps.begin_call()
    lab.supervisor.processes.remove(logind.process)
    logind.process.kill()
    steps.wait_for_reason("use")
    logind.start()
    steps.pass_time(3600)
    assert restarts(logind) == 0 and steps.endpoint()["progress"] == "activated"
    steps.end_call(call)
    steps.pass_time(301)
    finish(steps, logind, "1.1.0")


def test_exact_version_and_back(lab):
    """RealPresence: an older version for all, by one command, and back; `or newer` is satisfied."""
    steps, logind = start(lab, "Style=idle", "Windows=00:00-24:00")
    steps.offer("0.9.0")
    steps.offer("1.1.0")
    steps.use_version("0.9.0")
    steps.stage("0.9.0")
    assert steps.endpoint()["version_new"] == "0.9.0"
    steps.pass_time(301)
    steps.wait_for_event("activated", "0.9.0")
    finish(steps, logind, "0.9.0")
    steps.check()
    assert steps.endpoint()["progress"] == "current", "1.1.0 is newer, and not what is to be used"
    steps.use_version("1.1.0")
    steps.stage("1.1.0")
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.1.0")
    lab.restart_endpoint()
    steps.wait_for_event("success", "1.1.0")
    steps.use_version("0.9.0", "--or-newer")
    steps.check()
    assert steps.endpoint()["progress"] == "current"
