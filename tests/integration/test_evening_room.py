# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two endpoints in one room: one prompt, the child first, one restart at the end."""

import os

import pytest

from uclab.endpoint import Endpoint
from uclab.lab import Lab
from uclab.logind import Logind
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]


class Panel(Endpoint):
    """A touch panel behind the codec, on the same machine: it boots with the codec."""

    def __init__(self, lab):
        super().__init__(lab.base / "panel", endpoint_id="panel", name="Panel 10", vendor="Acme",
                         model="panel10", Parent="codec", Room="Berlin", Serial="PN0001",
                         DeviceType="panel")
        self.codec = lab.endpoint
        self.procfs = self.codec.procfs

    def install(self, fwupd):
        self.conf = fwupd.sysconf / "ucupdates/endpoints.d/panel.conf"
        self.write_config()

    def follow(self):
        """The codec was restarted, and so was this: the version is that of the slot that runs."""
        self.version_file.write_text(self.slot_version(self.codec.running) + "\n")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.agent.configure("[Agent]\nRestart=logind\n", "60-test.conf")
        yield lab


@pytest.fixture(name="panel")
def fixture_panel(lab):
    panel = Panel(lab)
    panel.install(lab.fwupd)
    return panel


def start(lab, panel, *rules):
    """Both staged, by day of a window that is always open; returns the steps and the logind."""
    lab.start_service()
    steps = Steps(lab)
    steps.rules("Windows=00:00-24:00", *rules)
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    lab.agent.start()
    steps.offer("1.1.0")
    steps.offer("2.1.0", panel)
    steps.check()
    steps.wait_for_event("staged", "1.1.0")
    steps.wait_for_event("staged", "2.1.0", "panel")
    return steps, logind


def activated(lab):
    """Whose update was switched to, in that order."""
    entries = reversed(lab.agent.json("history")["entries"])
    return [entry["endpoint"] for entry in entries if entry["event"] == "activated"]


def finish(steps, logind, panel):
    lab = steps.lab
    lab.agent.wait_for(lambda: activated(lab) == ["panel", "codec"], 60, "the panel, then the codec")
    lab.agent.wait_for(lambda: "RebootWithFlags" in logind.calls(), 30, "the restart")
    assert lab.endpoint.boots_next() == "B" and panel.boots_next() == "B"
    lab.agent.stop()
    lab.fwupd.stop()
    lab.endpoint.restart()
    panel.follow()
    lab.fwupd.start()
    lab.agent.start()
    steps.wait_for_event("success", "1.1.0")
    steps.wait_for_event("success", "2.1.0", "panel")
    assert steps.device()["Version"] == "1.1.0" and steps.device(panel)["Version"] == "2.1.0"
    lab.agent.wait_for(
        lambda: [steps.inventory(each).get("last_event") for each in (lab.endpoint, panel)]
        == ["success"] * 2, 30, "both reports")
    assert logind.calls().count("RebootWithFlags") == 1, "one restart for both"


def test_one_prompt(lab, panel):
    """NO and the call are those of the room; nobody answers, and both are updated."""
    steps, logind = start(lab, panel, "Style=prompt")
    lab.agent.wait_for(lambda: sorted(steps.prompt().get("devices", [])) == ["codec", "panel"], 30,
                       "one prompt about both")
    steps.answer(False)
    steps.wait_for_reason("snooze", "panel")
    assert steps.facts()["said_no"] == steps.facts("panel")["said_no"]
    assert not steps.prompt()
    steps.pass_time(1201)
    lab.agent.wait_for(lambda: len(steps.prompt().get("devices", [])) == 2, 30, "again about both")
    # the panel has calls of its own, and passes them on
    held = lab.agent.hold(600, "the panel is in a call")
    steps.wait_for_prompt(False)
    for name in ("codec", "panel"):
        steps.wait_for_reason("use", name)
        assert "the panel is in a call" in steps.endpoint(name)["reason"]
    steps.end_call(held)
    steps.pass_time(301)
    lab.agent.wait_for(lambda: len(steps.prompt().get("devices", [])) == 2, 30, "again about both")
    assert activated(lab) == []
    steps.pass_time(121)
    finish(steps, logind, panel)


def test_nobody_there(lab, panel):
    """Idle style: the room is idle for both at once."""
    steps, logind = start(lab, panel)
    steps.wait_for_reason("idle", "panel")
    steps.wait_for_reason("children")
    steps.pass_time(301)
    finish(steps, logind, panel)


def test_child_that_failed_holds_nobody_up(lab, panel):
    """The panel fell back: it waits for a human, the codec does not wait for it."""
    steps, _ = start(lab, panel)
    steps.pass_time(301)
    lab.agent.wait_for(lambda: activated(lab) == ["panel", "codec"], 60, "both")
    lab.agent.stop()
    lab.fwupd.stop()
    lab.endpoint.restart()
    # the panel's new version does not come up
    panel.set_boots_next("A")
    lab.fwupd.start()
    lab.agent.start()
    steps.wait_for_event("success", "1.1.0")
    steps.offer("1.2.0")
    steps.check()
    steps.wait_for_event("staged", "1.2.0")
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.2.0")
