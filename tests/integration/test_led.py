# SPDX-License-Identifier: LGPL-2.1-or-later
"""The LED of an endpoint (`[Install] Led=`), in a tree that stands in for the kernel's."""

import os
import threading

import pytest

from uclab.lab import Lab
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
NAME = "uc:green:status"


class Led:
    """Its trigger is a pipe, so that nothing that was written to it is missed."""

    def __init__(self, directory, user):
        self.directory = directory
        directory.mkdir(parents=True)
        (directory / "max_brightness").write_text("127\n", encoding="utf-8")
        (directory / "brightness").write_text("55\n", encoding="utf-8")
        os.mkfifo(directory / "trigger")
        # the udev rule of the example gives them to the agent's group
        for name in ("brightness", "trigger"):
            os.chown(directory / name, 0, user.pw_gid)
            (directory / name).chmod(0o664)
        self.triggers = []
        self.pipe = open(os.open(directory / "trigger", os.O_RDWR), encoding="utf-8")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.pipe:
            self.triggers.append(line.strip())

    def brightness(self):
        return (self.directory / "brightness").read_text(encoding="utf-8").strip()

    def shows(self, trigger, brightness=None):
        return (self.triggers[-1:] == [trigger]
                and brightness in (None, self.brightness()))


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR, install_keys={"Led": NAME}) as lab:
        yield lab


@pytest.fixture(name="led")
def fixture_led(lab):
    return Led(lab.agent.directory / "sys/class/leds" / NAME, lab.agent.user)


def test_states(lab, led):
    """Off, blinking while it is written, on until the restart, off; beating after a fallback."""
    lab.start()
    steps = Steps(lab)
    lab.agent.wait_for(lambda: led.shows("none", "0"), 30, "the LED goes out")
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    written = ["none", "timer", "none"]
    lab.agent.wait_for(lambda: led.triggers == written and led.brightness() == "0", 30,
                       "the LED goes out again")
    assert lab.agent.ctl("install").returncode == 0
    written += ["timer", "none"]
    lab.agent.wait_for(lambda: led.triggers == written and led.brightness() == "127", 30,
                       "the LED shines")
    lab.restart_endpoint()
    steps.wait_for_event("success", "1.1.0")
    lab.agent.wait_for(lambda: led.shows("none", "0"), 30, "the LED is off after the restart")
    steps.offer("1.2.0")
    steps.stage("1.2.0")
    assert lab.agent.ctl("install").returncode == 0
    lab.restart_endpoint(boots=False)
    steps.wait_for_event("failed", "1.2.0")
    lab.agent.wait_for(lambda: led.shows("heartbeat"), 30, "the LED beats")


def test_not_ours(lab, led):
    """Without the udev rule: said once, and the update goes its way."""
    for name in ("brightness", "trigger"):
        os.chown(led.directory / name, 0, 0)
    lab.start()
    steps = Steps(lab)
    steps.offer("1.1.0")
    steps.stage("1.1.0")
    path = led.directory / "trigger"
    lab.agent.process.wait_for_log(f"[Install] Led: cannot write 'none' to {path}: Permission denied")


def test_no_such_name(short_dir):
    with Lab(short_dir, BUILDDIR, install_keys={"Led": "../power"}) as lab:
        lab.start()
        lab.agent.process.wait_for_log(
            "[Install] Led: found '../power', expected the name of an entry in /sys/class/leds")
        lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"], 30, "the endpoint")
