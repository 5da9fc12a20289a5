# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine with more endpoints than a check-in takes, enrolled with one key.

UC_MANY_ENDPOINTS says how many: 70 are two parts, 1000 are as many files as the plugin reads.
"""

import json
import os
import tarfile

import pytest

from uclab.endpoint import Endpoint
from uclab.lab import RULES, Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
COUNT = int(os.environ.get("UC_MANY_ENDPOINTS", "70"))
# a look of a thousand on a busy machine
WAIT_SECS = 60 + COUNT // 5
FILE = """[Endpoint]
Id={id}
Name=Panel {id}
Vendor=Acme
Model={model}
HardwareLevel=2
Serial={serial}
VersionFile={target}

[Install]
Type=file
Target={target}
"""


class Panel(Endpoint):
    """One of many, which run what is in a file."""

    def __init__(self, lab, number, model="panel10"):
        super().__init__(lab.base / f"panel{number}", endpoint_id=f"p{number:04}", vendor="Acme",
                         model=model)
        self.serial = f"PN{number:04}"
        self.target = self.directory / "firmware.img"

    def install(self, fwupd):
        self.target.write_text("1.0.0\n", encoding="utf-8")
        self.conf = fwupd.sysconf / f"ucupdates/endpoints.d/{self.endpoint_id}.conf"
        self.write_config(FILE.format(id=self.endpoint_id, model=self.model, serial=self.serial,
                                      target=self.target))


def write_panels(lab, first, last):
    """The files of all but the last one are of one panel: only that says more than its file."""
    panel = Panel(lab, first)
    for number in range(first, last):
        panel.endpoint_id, panel.serial = f"p{number:04}", f"PN{number:04}"
        panel.install(lab.fwupd)


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.mirror.stop()
        lab.mirror.write_rules(RULES.format(idle_secs=300) + "[Publish]\nEnrolment=open\n")
        lab.mirror.do("publish")
        lab.mirror.start()
        with lab.mirror.signing():
            yield lab


def inventory(lab):
    return {entry["serial"]: entry for entry in lab.mirror.json("endpoints")["endpoints"]}


def expect(lab, serials):
    """A look, and the service knows exactly these."""
    lab.agent.wait_for(
        lambda: lab.agent.ctl("check", timeout_secs=WAIT_SECS).returncode == 0
        and sorted(inventory(lab)) == sorted(serials), WAIT_SECS, f"{len(serials)} endpoints")


def serials(count):
    return ["AC0001"] + [f"PN{number:04}" for number in range(1, count)]


def test_many(lab, tmp_path):
    """All are known, one more that comes later too, and the last one is updated and reported."""
    write_panels(lab, 1, COUNT - 1)
    last = Panel(lab, COUNT - 1, "panel99")
    last.install(lab.fwupd)
    lab.start_endpoint()
    expect(lab, serials(COUNT))
    assert lab.agent.json("status")["certificate"] == "issued"
    assert lab.mirror.json("endpoints", "--waiting") == {"waiting": []}
    # a machine with one more has the same key
    key = (lab.agent.state / "endpoint.key").read_bytes()
    write_panels(lab, COUNT, COUNT + 1)
    lab.agent.wait_for(lambda: len(lab.agent.json("status")["endpoints"]) == COUNT + 1, WAIT_SECS,
                       "the endpoint that came later")
    expect(lab, serials(COUNT + 1))
    assert (lab.agent.state / "endpoint.key").read_bytes() == key
    # the last one that was there from the beginning
    lab.mirror.do("import", last.make_package("1.1.0", levels=["2"], payload=b"1.1.0\n"))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    assert lab.agent.ctl("check", timeout_secs=WAIT_SECS).returncode == 0
    result = lab.agent.ctl("install", last.endpoint_id, timeout_secs=WAIT_SECS)
    assert result.returncode == 0, result.stderr
    assert last.target.read_text(encoding="utf-8") == "1.1.0\n"
    lab.agent.wait_for(lambda: inventory(lab)[last.serial].get("last_event") == "success", WAIT_SECS,
                       "its report")
    expect(lab, serials(COUNT + 1))
    assert {serial: entry["version"] for serial, entry in inventory(lab).items()} == {
        **dict.fromkeys(serials(COUNT + 1), "1.0.0"), last.serial: "1.1.0"}
    # one is taken away: it is only not seen any more
    last.conf.unlink()
    lab.agent.wait_for(lambda: len(lab.agent.json("status")["endpoints"]) == COUNT, WAIT_SECS,
                       "the endpoint that went")
    expect(lab, serials(COUNT + 1))
    use_the_room(lab)
    look_at_it(lab, tmp_path)


CALLS = 6  # in the room


def use_the_room(lab):
    """Each call makes all devices different, but nothing else is on offer for it: no more than once
    or twice, for what was before, is that asked for all of them."""
    monitor = lab.supervisor.spawn(
        "monitor", ["dbus-monitor", "--system", "type='method_call',interface='org.freedesktop.fwupd'"],
        lab.bus.env)
    monitor.wait_for_log("member=NameAcquired")
    for _ in range(CALLS):
        asked = monitor.log_text().count("member=GetDevices")
        assert lab.agent.ctl("inhibit", "--", "true").returncode == 0
        lab.agent.wait_for(lambda: monitor.log_text().count("member=GetDevices") > asked, WAIT_SECS,
                           "that the agent asks fwupd")
    count = monitor.log_text().count("member=GetReleases")
    assert count < 3 * COUNT


def look_at_it(lab, tmp_path):
    """Whoever asks the agent sees all of them."""
    for command in ("status", "explain", "versions"):
        result = lab.agent.ctl(command, timeout_secs=WAIT_SECS)
        assert result.returncode == 0, result.stderr
    assert "Panel p0001" in lab.agent.ctl("status").stdout
    path = tmp_path / "bundle.tar.gz"
    result = lab.agent.ctl("support-bundle", path, "--yes", timeout_secs=WAIT_SECS)
    assert result.returncode == 0, result.stderr
    with tarfile.open(path) as bundle:
        status = json.load(bundle.extractfile("ucupdates-support/agent/status.json"))
    assert len(status["endpoints"]) == COUNT
