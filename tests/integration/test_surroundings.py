# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is neither people nor the service: network, power, clock, as the explanation tells it."""

import os
import sys

import pytest

from uclab.lab import Lab
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
NETWORK = "org.freedesktop.NetworkManager"
POWER = "org.freedesktop.UPower"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.bus.start()
        lab.fwupd.start()
        yield lab


class Mock:
    """A service with properties of one interface, which has the name of the service."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.path = "/" + name.replace(".", "/")
        self.process = lab.supervisor.spawn(
            name, [sys.executable, "-m", "dbusmock", "--system", name, self.path, name],
            lab.bus.env,
        )
        lab.bus.wait_for_owner(name, self.process)

    def set(self, method, text):
        result = self.lab.bus.call(self.name, self.path, f"org.freedesktop.DBus.Mock.{method}",
                                   self.name, text)
        assert result.returncode == 0, result.stderr

    def stop(self):
        self.process.stop()
        self.lab.supervisor.processes.remove(self.process)


def facts(lab):
    found = lab.agent.json("explain")["endpoints"]
    return found[0]["facts"] if found else {}


def wait_for_fact(lab, name, value):
    lab.agent.wait_for(lambda: facts(lab).get(name) == value, 20, f"{name} {value}")


def test_metered(lab):
    """NetworkManager's yes and its guess of yes; without it nobody counts the bytes."""
    lab.agent.start()
    wait_for_fact(lab, "metered", False)
    mock = Mock(lab, NETWORK)
    mock.set("AddProperties", "{'Metered': <uint32 2>}")
    for value, metered in ((1, True), (4, False), (3, True), (0, False), (1, True)):
        mock.set("UpdateProperties", f"{{'Metered': <uint32 {value}>}}")
        wait_for_fact(lab, "metered", metered)
    mock.stop()
    wait_for_fact(lab, "metered", False)


def test_power(lab):
    """Read when a decision is made; UPower, where it runs, says when to make one."""
    supply = lab.base / "sys/class/power_supply/BAT0"
    supply.mkdir(parents=True)
    for name, text in (("type", "Battery"), ("status", "Discharging"), ("capacity", "49")):
        (supply / name).write_text(text + "\n")
    mock = Mock(lab, POWER)
    mock.set("AddProperties", "{'OnBattery': <true>}")
    lab.agent.start()
    wait_for_fact(lab, "mains", False)
    assert facts(lab)["battery_percent"] == 49
    (supply / "status").write_text("Charging\n")
    mock.set("UpdateProperties", "{'OnBattery': <false>}")
    wait_for_fact(lab, "mains", True)


def test_clock(lab):
    """Nothing automatic before the clock is synchronised, where that is waited for; the file that
    systemd-timesyncd makes then is the event."""
    mark = lab.agent.run_dir.parent / "systemd/timesync/synchronized"
    mark.parent.mkdir(parents=True)
    lab.agent.start()
    wait_for_fact(lab, "clock_synchronised", True)
    lab.agent.stop()
    lab.agent.configure("[Agent]\nWaitForClock=true\n", "60-clock.conf")
    lab.fwupd.stop()
    lab.start_service()
    lab.fwupd.start()
    lab.agent.start()
    steps = Steps(lab)
    steps.offer("1.1.0")
    steps.check()
    steps.wait_for_reason("clock")
    assert not facts(lab)["clock_synchronised"]
    assert steps.endpoint()["progress"] == "available"
    mark.touch()
    lab.agent.wait_for(lambda: steps.endpoint()["progress"] == "staged", 60, "1.1.0 staged")


def test_fwupd_ends(lab):
    """fwupd that ends by itself says "shutdown", and then nothing any more: it is at no device."""
    lab.agent.start()
    wait_for_fact(lab, "other_update", False)
    lab.fwupd.stop()
    lab.agent.wait_for(lambda: not lab.bus.has_owner("org.freedesktop.fwupd"), 30, "fwupd's end")
    wait_for_fact(lab, "other_update", False)
    lab.fwupd.start()
    wait_for_fact(lab, "other_update", False)


def test_clock_is_set_back(lab):
    """A machine starts with its clock weeks ahead, and fwupd is not there yet: that is no reason to
    wait for weeks once the clock is right."""
    lab.fwupd.stop()
    lab.agent.clock.write_text(str(20 * 86400), encoding="utf-8")
    lab.agent.start()
    lab.agent.wait_for(lambda: "fwupd_error" in lab.agent.json("status"), 60, "that there is no fwupd")
    lab.agent.clock.write_text("0", encoding="utf-8")
    lab.fwupd.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"], 60, "the endpoint")
