# SPDX-License-Identifier: LGPL-2.1-or-later
"""The LED of an endpoint (`[Install] Led=`), in a tree that stands in for the kernel's; and the
example's udev rule under the real udevd, where a network device stands in for the LED."""

import os
import pathlib
import pwd
import stat
import threading

import pytest

from uclab.lab import Lab
from uclab.process import Supervisor, run, wait_for
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "contrib/examples/led"
NAME = "uc:green:status"
DEVICE = "ucled0"
#: what of the rule is another name here
STAND_INS = {'"leds"': '"net"', NAME: DEVICE, "/trigger": "/ifalias", "/brightness": "/mtu",
             "chgrp ucupdates": "chgrp daemon"}
#: udevd in a mount namespace of its own, which knows this rule alone
UDEVD = """mount -t sysfs sysfs /sys
mkdir -p /run/udev /etc/udev/rules.d
mount -t tmpfs tmpfs /run/udev
mount -t tmpfs tmpfs /lib/udev/rules.d
mount -t tmpfs tmpfs /etc/udev/rules.d
cp "$1" /etc/udev/rules.d/60-ucupdates-led.rules
exec /lib/systemd/systemd-udevd"""


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


@pytest.fixture(name="udevd")
def fixture_udevd(tmp_path):
    """A running one, which answers; its view of the file system is below the path."""
    text = next(EXAMPLE.glob("*.rules")).read_text(encoding="utf-8")
    for ours, stand_in in STAND_INS.items():
        assert ours in text
        text = text.replace(ours, stand_in)
    rule = tmp_path / "led.rules"
    rule.write_text(text, encoding="utf-8")
    supervisor = Supervisor(tmp_path / "log")
    try:
        process = supervisor.spawn("udevd", ["unshare", "--mount", "--propagation", "private",
                                             "sh", "-euc", UDEVD, "sh", rule], {})
        root = pathlib.Path(f"/proc/{process.pid}/root")
        wait_for((root / "run/udev/control").exists, 60, "udevd's socket", process)
        yield root
    finally:
        supervisor.stop_all()


def test_rule_under_udev(udevd):
    """Both files of that device are the group's to write, all others and other devices are not."""
    user = pwd.getpwnam("daemon")

    def writable(device):
        """What somebody of the group could write."""
        files = [path for path in (udevd / "sys/class/net" / device).iterdir()
                 if stat.S_ISREG(path.lstat().st_mode)]
        return {path.name for path in files
                if path.stat().st_gid == user.pw_gid and path.stat().st_mode & stat.S_IWGRP}

    for device in ("ucother0", DEVICE):
        run(["ip", "link", "add", "name", device, "type", "bridge"], check=True)
    wait_for(lambda: writable(DEVICE) == {"ifalias", "mtu"}, 60, "the rule")
    assert writable("ucother0") == set()
    for name in ("ifalias", "mtu"):
        assert stat.S_IMODE((udevd / "sys/class/net" / DEVICE / name).stat().st_mode) == 0o664
