# SPDX-License-Identifier: LGPL-2.1-or-later
"""fwupd, RAUC, or both are killed while RAUC fills a slot, switches, or is asked after the restart: what
the agent tells the organisation afterwards is true, and the update comes to its end.

UC_RAUC_REPORT_ALL=1 takes every victim at each of the three.
"""

import os

import pytest

from rauc_lab import SIZE, needs_rauc
from test_plugin_rauc_cut import Steps as Programs, wait_until_idle
from uclab import cab
from uclab.cab import Authority
from uclab.endpoint import image
from uclab.lab import Lab
from uclab.process import wait_for
from uclab.rauc import Rauc
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
VICTIMS = ("rauc", "fwupd", "both")

pytestmark = needs_rauc


class Evening:
    """A lab whose endpoint has RAUC, which stops at one of its steps."""

    def __init__(self, lab):
        self.lab, self.endpoint, self.steps = lab, lab.endpoint, Steps(lab)
        self.rauc = Rauc(lab.supervisor, lab.bus, lab.base / "rauc", lab.endpoint,
                         Authority(lab.base / "vendor", "Acme"))
        self.programs = Programs(self)
        lab.start_service()
        lab.bus.start()
        self.rauc.boot()
        self.rauc.start()
        lab.fwupd.start()
        lab.agent.start()
        self.lives = 0

    def offer(self, version):
        bundle = self.rauc.make_bundle(version, image(version, SIZE))
        package = cab.make(bundle.with_suffix(".cab"), version, bundle, self.endpoint.guids((2,)),
                           None, name=self.endpoint.name, vendor=self.endpoint.vendor,
                           protocol="org.ucupdates.rauc")
        self.lab.mirror.do("import", package)
        entry = next(entry for entry in self.lab.mirror.json("list")["packages"]
                     if entry["version"] == version)
        self.lab.mirror.do("approve", entry["id"])
        self.lab.mirror.do("publish")

    def reports(self, version):
        """What the organisation was told of it."""
        inventory = self.steps.inventory()
        if not inventory:
            return []
        found = self.lab.mirror.json("endpoint", inventory["identity"])["reports"]
        return sorted(report["event"] for report in found if report["version_new"] == version)

    def wait_for_reports(self, version, *events):
        wait_for(lambda: self.reports(version) == sorted(events), 120,
                 f"the reports {events} of {version}", self.lab.agent.process, 0.5)

    def kill(self, victim):
        """At the step where it stopped; then what was killed is started again."""
        wait_for(self.programs.stopped, 120, "a step of RAUC", None, 0.1)
        if victim in ("fwupd", "both"):
            self.lab.fwupd.kill()
        if victim in ("rauc", "both"):
            self.rauc.kill()
        self.programs.begin(0)
        self.programs.go()
        if victim in ("rauc", "both"):
            self.rauc.start()
        wait_until_idle(self.lab.bus)
        if victim in ("fwupd", "both"):
            self.lab.fwupd.start()
        wait_for(lambda: self.lab.fwupd.devices(), 120, "the endpoint", None, 0.5)

    def restart(self):
        self.lab.agent.stop()
        self.lab.fwupd.stop()
        self.rauc.stop()
        self.rauc.boot()
        self.rauc.start()

    def try_again(self, version, event):
        """Until it has come so far; a failure is waited for longer each time."""
        def look():
            if event in self.reports(version):
                return True
            self.steps.pass_time(900)
            return False
        wait_for(look, 240, f"{event} of {version}", self.lab.agent.process, 1)

    def install(self, version, victim):
        self.offer(version)
        if victim is not None:
            self.programs.begin(3)
        self.steps.check()
        if victim is not None:
            self.kill(victim)
            self.try_again(version, "staged")
        else:
            self.wait_for_reports(version, "staged")
        assert self.endpoint.slot_version(self.endpoint.other) == version

    def activate(self, version, victim):
        if victim is not None:
            self.programs.begin(2)
            self.steps.pass_time(301)
            self.kill(victim)
        self.try_again(version, "activated")
        self.wait_for_reports(version, "staged", "activated")
        assert self.rauc.env["ORDER"].split()[0] == self.endpoint.other
        assert "needs-reboot" in self.steps.device()["Flags"]

    def start(self, version, victim):
        self.restart()
        if victim is not None:
            self.programs.begin(1)
            self.lab.fwupd.spawn()
            self.kill(victim)
        else:
            self.lab.fwupd.start()
        self.lab.agent.start()
        self.wait_for_reports(version, "staged", "activated", "success")
        assert self.steps.device()["Version"] == version
        self.steps.check()
        assert self.steps.inventory()["version"] == version

    def life(self, phase, victim):
        self.lives += 1
        version = f"1.{self.lives}.0"
        self.install(version, victim if phase == "install" else None)
        self.activate(version, victim if phase == "activate" else None)
        self.start(version, victim if phase == "start" else None)


@pytest.fixture(name="evening")
def fixture_evening(short_dir):
    keys = {"Type": "rauc", "SlotA": None, "SlotB": None, "RunningParameter": None, "Boot": None,
            "GrubEnv": None, "GrubVariable": None}
    with Lab(short_dir, BUILDDIR, install_keys=keys) as lab:
        yield Evening(lab)


@pytest.mark.parametrize("number, phase", enumerate(("install", "activate", "start")))
def test_killed(evening, number, phase):
    victims = VICTIMS if os.environ.get("UC_RAUC_REPORT_ALL") else VICTIMS[number:number + 1]
    for victim in victims:
        evening.life(phase, victim)
