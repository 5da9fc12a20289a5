# SPDX-License-Identifier: LGPL-2.1-or-later
"""`ucupdatesctl install` where firmware is written in its place: it ends when the update does."""

import json
import os

import pytest

from uclab.lab import Lab
from uclab.process import wait_for
from uclab.steps import Steps

BUILDDIR = os.environ["UC_BUILDDIR"]
FILE = """[Endpoint]
Id=codec
Name=Icon 400
Vendor=Acme
Model=icon400
HardwareLevel=2
VersionFile={version}

[Install]
Type=file
Target={target}
{restart}
"""


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def start(lab, restart=""):
    target = lab.endpoint.directory / "firmware.img"
    target.write_text("1.0.0\n", encoding="utf-8")
    version = lab.endpoint.version_file if restart else target
    lab.endpoint.write_config(FILE.format(target=target, version=version, restart=restart))
    lab.start_service()
    steps = Steps(lab)
    lab.bus.start()
    lab.fwupd.start()
    lab.agent.start()
    steps.offer("1.1.0", payload=b"1.1.0\n")
    steps.check()
    return steps, target


def test_runs_at_once(lab):
    """The new version, and the same once more: both times whoever asked gets the answer."""
    steps, target = start(lab)
    for _ in range(2):
        result = lab.agent.ctl("install", "codec", "--version=1.1.0")
        assert result.returncode == 0, result.stderr
        assert result.stdout.endswith("installed, and it runs\n")
        assert target.read_text(encoding="utf-8") == "1.1.0\n"
    assert [event for event, _ in steps.events()] == ["success", "success"]


def test_runs_after_the_restart(lab):
    steps, target = start(lab, "Restart=yes")
    result = lab.agent.ctl("install", "codec")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("it runs after the restart\n")
    assert target.read_text(encoding="utf-8") == "1.1.0\n"
    assert steps.events()[0] == ("activated", "1.1.0")


def test_same_version_and_killed(lab):
    """The version that runs, once more, and the agent is killed before fwupd hears of it: that the
    version runs is no success."""
    steps, _ = start(lab, "Restart=yes")
    steps.offer("1.0.0", payload=b"1.0.0\n")
    steps.check()
    lab.agent.wait_for(lambda: lab.agent.json("status")["work"] == "idle", 30, "rest")
    lab.fwupd.process.freeze()
    lab.supervisor.spawn("install", [lab.agent.builddir / "agent/ucupdatesctl", "install", "codec",
                                     "--version=1.0.0"], lab.agent.env)
    record = lab.agent.state / "updates/codec.json"
    wait_for(lambda: json.loads(record.read_text())["stage"] == "staging", 30, "the beginning")
    lab.agent.kill()
    lab.fwupd.process.thaw()
    lab.agent.start()
    lab.agent.wait_for(lambda: "starting over" in lab.agent.process.log_text() or steps.events(),
                       60, "what became of it")
    assert not steps.events()
