# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is refused at the last moment, and by whose word it is done all the same."""

import os

import pytest

from uclab.lab import Lab
from uclab.logind import Logind
from uclab.process import wait_for
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
CALL = "a call to Berlin"
IN_USE = f"the room is in use: call (ucupdatesctl): {CALL}"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


@pytest.fixture(name="steps")
def fixture_steps(lab):
    lab.start()
    return Steps(lab)


def work(lab):
    return lab.agent.json("status")["work"]


def published(lab):
    """The only cab, as the organisation signed and published it."""
    (cab,) = (lab.mirror.root / "public/cabs").glob("*.cab")
    return cab


def test_call_between_decision_and_activation(lab, steps):
    """fwupd has the order already when the call begins: the plugin asks once more, and refuses."""
    steps.rules("Style=prompt")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.wait_for_prompt()
    lab.agent.wait_for(lambda: work(lab) == "idle", 30, "rest")
    lab.fwupd.process.freeze()
    steps.answer(True)
    lab.agent.wait_for(lambda: work(lab) == "activating", 10, "the order to fwupd")
    call = steps.begin_call(CALL)
    lab.fwupd.process.thaw()
    lab.agent.process.wait_for_log(f"codec has to wait: {IN_USE}", 30)
    assert lab.endpoint.boots_next() == "A" and steps.is_staged()
    steps.wait_for_reason("use")
    assert ("activated", "1.1.0") not in steps.events()
    # the answer of before the call is void
    steps.end_call(call)
    steps.pass_time(200)
    assert steps.endpoint()["reason_id"] == "prompt" and not steps.prompt()
    assert lab.endpoint.boots_next() == "A"
    steps.pass_time(101)
    steps.wait_for_prompt()


def test_fwupdmgr_in_a_call(lab, steps):
    """By hand neither, unless it is forced, which is recorded."""
    call = steps.begin_call(CALL)
    steps.offer("1.1.0")
    cab = published(lab)
    before = lab.endpoint.fingerprint()
    result = lab.fwupd.fwupdmgr("install", cab)
    assert result.returncode != 0
    assert f"codec has to wait: {IN_USE}" in result.stdout + result.stderr
    assert lab.endpoint.fingerprint() == before
    result = lab.fwupd.fwupdmgr("install", cab, "--force")
    assert result.returncode == 0, result.stderr
    assert steps.is_staged()
    steps.wait_for_event("staged", None)
    said = f"forced although {IN_USE}"
    assert f"codec: forced: {said}" in lab.agent.process.log_text()
    entry = lab.agent.json("history")["entries"][0]
    assert entry["event"] == "staged" and entry["message"] == said
    # what was written by force is not activated in the call
    assert steps.endpoint()["reason_id"] == "use" and lab.endpoint.boots_next() == "A"
    steps.end_call(call)


def test_ctl_in_a_call(lab, steps):
    """The same by the agent's own command."""
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.begin_call(CALL)
    result = lab.agent.ctl("install")
    assert result.returncode == 1
    assert CALL in result.stderr
    assert lab.endpoint.boots_next() == "A"
    result = lab.agent.ctl("install", "--force")
    assert result.returncode == 0, result.stderr
    assert lab.endpoint.boots_next() == "B"
    entry = lab.agent.json("history")["entries"][0]
    assert entry["event"] == "activated"
    assert entry["message"] == f"forced although {IN_USE}"


def test_withdrawn_on_the_way_down(lab):
    """Taken back in a call, and then the machine goes down: never activated, and thrown away."""
    lab.start_service()
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    lab.agent.start()
    steps = Steps(lab)
    before = steps.offer("1.0.0")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor")
    call = steps.begin_call()
    lab.mirror.do("restore", before)
    lab.mirror.do("publish")
    steps.check()
    lab.agent.wait_for(lambda: steps.facts()["withdrawn"], 30, "what the service says")
    assert steps.endpoint()["reason_id"] == "use" and steps.is_staged()
    result = lab.fwupd.fwupdmgr("activate", steps.device()["DeviceId"])
    assert result.returncode != 0 and lab.endpoint.boots_next() == "A"
    logind.prepare_for_shutdown()
    lab.agent.wait_for(lambda: not logind.waits_for_agent(), 30, "the end of the inhibitor")
    assert lab.endpoint.boots_next() == "A"
    # the application dies with the machine
    steps.end_call(call)
    lab.agent.wait_for(lambda: not steps.is_staged(), 30, "nothing staged")
    steps.wait_for_event("revoked", "1.1.0")
    assert ("activated", "1.1.0") not in steps.events() and lab.endpoint.boots_next() == "A"
    logind.prepare_for_shutdown(False)
    lab.agent.wait_for(lambda: lab.agent.json("status")["reports_waiting"] == 0, 30, "the report")
    assert steps.inventory()["last_event"] == "revoked"


def test_fallback_is_for_a_human(lab, steps):
    """What did not come up is reported with its version, and not tried again on any night."""
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.1.0")
    lab.restart_endpoint(boots=False)
    steps.wait_for_event("failed", "1.1.0")
    wait_for(lambda: steps.inventory().get("last_event") == "failed", 30, "the report")
    wait_for(lambda: steps.inventory()["version"] == "1.0.0", 30, "the check-in")
    shown = lab.mirror.json("endpoint", steps.inventory()["identity"])
    assert any(report["event"] == "failed" and report["version_new"] == "1.1.0"
               for report in shown["reports"])
    for _ in range(2):
        steps.pass_time(86400)
        assert steps.endpoint()["reason_id"] == "failed"
        lab.restart_endpoint()
        steps.wait_for_reason("failed")
    assert not steps.is_staged() and lab.endpoint.boots_next() == "A"
    assert [event for event, _ in steps.events()].count("activated") == 1
    # a human may, and then it is an update as any
    result = lab.agent.ctl("install")
    assert result.returncode == 1 and lab.endpoint.boots_next() == "A"
    assert "this firmware was started once and fell back; use --force to try again" in result.stderr
    assert lab.agent.ctl("install", "--force").returncode == 0
    assert lab.endpoint.boots_next() == "B"
    lab.restart_endpoint()
    steps.wait_for_event("success", "1.1.0")
