# SPDX-License-Identifier: LGPL-2.1-or-later
"""The life of a staged update: after each step fwupd's devices, fwupd's history, and the agent's report
as it reached the organisation say the same, and it is true."""

import os

import pytest

from uclab.lab import Lab
from uclab.process import wait_for
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
PENDING, SUCCESS, FAILED = 1, 2, 3


class Life:
    def __init__(self, lab):
        self.lab, self.steps = lab, Steps(lab)

    def history(self):
        """(version, state) of the one row."""
        (row,) = self.lab.fwupd.json("get-history")["Devices"]
        (release,) = row["Releases"]
        return release["Version"], row["UpdateState"]

    def reports(self):
        """(event, version) of all that arrived."""
        inventory = self.steps.inventory()
        if not inventory:
            return []
        return [(report["event"], report["version_new"])
                for report in self.lab.mirror.json("endpoint", inventory["identity"])["reports"]]

    def expect(self, step, runs, flag, history, report):
        wait_for(lambda: self.steps.device()["Version"] == runs, 30, f"{step}: {runs} runs")
        flags = {"needs-activation", "needs-reboot"} & set(self.steps.device()["Flags"])
        assert flags == ({flag} if flag else set()), step
        wait_for(lambda: self.history() == history, 30, f"{step}: {history} in the history", None,
                 0.2)
        wait_for(lambda: self.steps.inventory().get("last_event") == report[0]
                 and report in self.reports(), 60, f"{step}: the report {report}", None, 0.2)


@pytest.fixture(name="life")
def fixture_life(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start()
        yield Life(lab)


def test_each_step(life):
    lab, steps = life.lab, life.steps
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    staged = ("1.0.0", "needs-activation", ("1.1.0", PENDING), ("staged", "1.1.0"))
    life.expect("staged", *staged)
    lab.fwupd.restart()
    life.expect("the daemon restarts", *staged)
    lab.restart_endpoint()
    assert lab.endpoint.running == "A"
    life.expect("a power cycle", *staged)

    steps.offer("1.2.0")
    steps.stage("1.2.0")
    life.expect("superseded", "1.0.0", "needs-activation", ("1.2.0", PENDING), ("staged", "1.2.0"))
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.2.0")
    life.expect("activated", "1.0.0", "needs-reboot", ("1.2.0", PENDING), ("activated", "1.2.0"))
    lab.fwupd.restart()
    life.expect("the daemon restarts again", "1.0.0", "needs-reboot", ("1.2.0", PENDING),
                ("activated", "1.2.0"))
    lab.restart_endpoint()
    steps.wait_for_event("success", "1.2.0")
    life.expect("the new version runs", "1.2.0", None, ("1.2.0", SUCCESS), ("success", "1.2.0"))

    steps.offer("1.3.0")
    steps.stage("1.3.0")
    steps.pass_time(301)
    steps.wait_for_event("activated", "1.3.0")
    lab.restart_endpoint(boots=False)
    steps.wait_for_event("failed", "1.3.0")
    life.expect("fallback", "1.2.0", None, ("1.3.0", FAILED), ("failed", "1.3.0"))
