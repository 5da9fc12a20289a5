# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint from a quirk of fwupd is to agent and mirror what one with a file is: the real ones."""

import os

import pytest

from uclab import quirk
from uclab.lab import Lab
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        quirk.instead_of_file(lab.endpoint, lab.fwupd, lab.base)
        quirk.write(lab.fwupd, quirk.as_quirk(lab.endpoint, quirk.OS))
        lab.start()
        yield lab


def known(steps):
    """What the organisation knows of the one endpoint, without what changes from minute to minute."""
    entry, = steps.mirror.json("endpoints")["endpoints"]
    return {key: value for key, value in entry.items()
            if not key.startswith("last_") and key != "reason"}


def test_whole_road(lab):
    steps = Steps(lab)
    taken_back = steps.offer("1.1.0")
    steps.stage("1.1.0")
    assert steps.endpoint("codec")["progress"] == "staged"
    lab.mirror.do("reject", taken_back)
    lab.mirror.do("publish")
    steps.check()
    steps.wait_for_event("revoked", "1.1.0")
    lab.agent.wait_for(lambda: not steps.is_staged(), 60, "nothing staged")
    steps.offer("1.2.0")
    steps.stage("1.2.0")
    steps.pass_time(301)
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.2.0 activated")
    lab.restart_endpoint()
    steps.wait_for_event("success", "1.2.0")
    steps.check()
    lab.agent.wait_for(lambda: steps.inventory().get("version") == "1.2.0", 60, "the inventory")


def test_as_with_a_file(lab):
    """The same to the service before and after the vendor ships a file after all."""
    steps = Steps(lab)
    steps.check()
    lab.agent.wait_for(lambda: steps.inventory().get("version") == "1.0.0", 60, "the inventory")
    before = known(steps)
    assert (before["vendor"], before["model"], before["serial"], before["hardware_level"]) == (
        "Acme", "icon400", "AC0001", "2")
    lab.agent.stop()
    lab.fwupd.stop()
    lab.endpoint.write_config()
    lab.fwupd.start()
    lab.agent.start()
    lab.agent.wait_for(lambda: steps.endpoint("codec"), 60, "the endpoint")
    steps.check()
    assert not (lab.fwupd.localstate / "lib/fwupd/uc-endpoint/quirk.conf").exists()
    assert known(steps) == before


def test_level_by_part_number(lab):
    """What the plugin alone knows, and not what root has added."""
    steps = Steps(lab)
    lab.agent.stop()
    lab.fwupd.stop()
    lab.endpoint.keys.update(HardwareLevelByPartNumber="3111-1:1;3111-2:7",
                              OverrideHardwareLevel="9")
    lab.endpoint.hardware_level, lab.endpoint.part_number = None, "3111-2"
    lab.endpoint.write_config()
    lab.fwupd.start()
    lab.agent.start()
    lab.agent.wait_for(lambda: steps.endpoint("codec"), 60, "the endpoint")
    steps.check()
    lab.agent.wait_for(lambda: steps.inventory().get("hardware_level") == "7", 60, "its level")
