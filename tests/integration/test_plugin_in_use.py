# SPDX-License-Identifier: LGPL-2.1-or-later
"""In use, with a stand-in for the agent made from the product's own D-Bus XML: the room in a call,
an agent that hangs, one that dies, one that is installed but cannot start, and none."""

import os
import pathlib
import sys
import time

import pytest

from uclab import user
from uclab.process import run, sanitizer_env, wait_for

AGENT = pathlib.Path(__file__).with_name("fake_agent.py")
REASON = "a call with Berlin is going on"
DEADLINE_SECS = 60


class FakeAgent:
    """Runs fake_agent.py; what it answers is in a file that it reads at each call."""

    def __init__(self, lab):
        self.lab, self.control = lab, lab.directory / "agent-control"
        self.set("free")
        self.process = None

    def set(self, what):
        temporary = self.control.with_suffix(".new")
        temporary.write_text(what)
        os.rename(temporary, self.control)

    def start(self):
        self.process = self.lab.supervisor.spawn(
            "fake-agent", [sys.executable, AGENT, self.control, REASON], self.lab.bus.env)
        self.lab.bus.wait_for_owner("org.ucupdates.Agent", self.process)

    def kill(self):
        self.process.kill()
        self.lab.supervisor.processes.remove(self.process)


@pytest.fixture
def agent(lab):
    fake = FakeAgent(lab)
    fake.start()
    return fake


def problems(lab):
    return lab.device().get("Problems", [])


def refused(lab, sentence, *options):
    before = lab.endpoint.fingerprint()
    rc, text = lab.install(lab.package("1.1.0"), *options)
    assert rc != 0, text
    assert sentence in text
    assert lab.endpoint.fingerprint() == before


def test_call_is_shown_and_refuses(lab, agent):
    agent.set("call")
    wait_for(lambda: "in-use" in problems(lab), DEADLINE_SECS, "the problem in-use")
    assert REASON in lab.device()["UpdateError"]
    refused(lab, f"codec has to wait: {REASON}")
    agent.set("free")
    wait_for(lambda: "in-use" not in problems(lab), DEADLINE_SECS, "no problem")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text


def test_withdrawn_is_not_staged_any_more(lab, agent):
    assert lab.install(lab.package("1.1.0"))[0] == 0
    agent.set("withdrawn 1.0.5")
    agent.set("call")
    wait_for(lambda: "in-use" in problems(lab), DEADLINE_SECS, "the problem in-use")
    assert "needs-activation" in lab.device()["Flags"], "another version is withdrawn"
    agent.set("withdrawn 1.1.0")
    wait_for(lambda: "needs-activation" not in lab.device()["Flags"], DEADLINE_SECS, "nothing staged")
    rc, text = lab.activate()
    assert rc != 0, text
    assert lab.endpoint.boots_next() == "A"
    lab.fwupd.stop()
    agent.set("free")
    lab.fwupd.start()
    assert "needs-activation" not in lab.device()["Flags"], "that is durable"
    assert lab.install(lab.package("1.2.0"))[0] == 0
    assert lab.activate()[0] == 0


def test_withdrawn_before_the_daemon_starts(lab, agent):
    assert lab.install(lab.package("1.1.0"))[0] == 0
    lab.fwupd.stop()
    agent.set("withdrawn 1.1.0")
    lab.fwupd.start()
    wait_for(lambda: "needs-activation" not in lab.device()["Flags"], DEADLINE_SECS, "nothing staged")
    assert lab.activate()[0] != 0


def test_call_refuses_activation(lab, agent):
    assert lab.install(lab.package("1.1.0"))[0] == 0
    agent.set("call")
    rc, text = lab.activate()
    assert rc != 0
    assert f"codec has to wait: {REASON}" in text
    assert lab.endpoint.boots_next() == "A"
    agent.set("free")
    assert lab.activate()[0] == 0
    assert lab.endpoint.boots_next() == "B"


def test_force_passes_the_question_on(lab, agent):
    agent.set("call")
    rc, text = lab.install(lab.package("1.1.0"), "--force")
    assert rc == 0, text


def test_hanging_agent(lab, agent):
    agent.set("hang")
    start = time.monotonic()
    refused(lab, "codec may be in use: the agent did not answer within 2 s; try again, or use "
                 "--force if nobody uses it")
    assert time.monotonic() - start < 60
    rc, text = lab.install(lab.package("1.1.0"), "--force")
    assert rc == 0, text


def test_agent_that_hangs_at_the_activation(lab, agent):
    assert lab.install(lab.package("1.1.0"))[0] == 0
    agent.set("hang")
    rc, text = lab.activate()
    assert rc != 0
    assert "codec may be in use: the agent did not answer within 2 s" in text
    assert lab.endpoint.boots_next() == "A"
    agent.set("free")
    rc, text = lab.activate()
    assert rc == 0, text


def test_agent_that_dies_with_the_question(lab, agent):
    agent.set("die")
    refused(lab, "codec may be in use: the agent gave no answer (")
    wait_for(lambda: agent.process.poll() is not None, DEADLINE_SECS, "the end of the agent")


@pytest.fixture
def broken_lab(make_lab, short_dir):
    """An agent is installed, but the bus cannot start it."""
    services = short_dir / "services"
    services.mkdir()
    (services / "org.ucupdates.Agent.service").write_text(
        "[D-BUS Service]\nName=org.ucupdates.Agent\nExec=/bin/false\nUser=root\n")
    return make_lab(service_dirs=[services])


def test_agent_that_dies_and_comes_back(broken_lab):
    """What it said before does not count any more; what the next one says does."""
    lab = broken_lab
    lab.bus.start()
    agent = FakeAgent(lab)
    agent.start()
    lab.fwupd.start()
    wait_for(lambda: "in-use" not in problems(lab), DEADLINE_SECS, "a room that is not in use")
    agent.kill()
    wait_for(lambda: "in-use" in problems(lab), DEADLINE_SECS, "the problem in-use")
    assert ("not known whether the room is in use, as the agent does not run"
            in lab.device()["UpdateError"])
    refused(lab, "codec may be in use: the agent gave no answer (")
    agent.start()
    wait_for(lambda: "in-use" not in problems(lab), DEADLINE_SECS, "a room that is not in use")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text


def test_no_agent_installed(lab):
    assert "in-use" not in problems(lab)
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text


def test_installed_agent_that_cannot_start(broken_lab):
    lab = broken_lab.start()
    wait_for(lambda: "in-use" in problems(lab), DEADLINE_SECS, "the problem in-use")
    assert ("not known whether the room is in use, as the agent does not run"
            in lab.device()["UpdateError"])
    refused(lab, "codec may be in use: the agent gave no answer (")


def test_without_a_bus_only_with_a_permit(lab):
    """At shutdown there is no bus: fwupdtool activates only what the agent has permitted."""
    assert lab.install(lab.package("1.1.0"))[0] == 0
    agent_user = user.ensure(lab.directory)
    assert user.can_reach(lab.fwupd.localstate)
    # as the agent finds it out, without rights
    record = run(["cat", lab.state_file()], user=agent_user, check=True).stdout
    sha256 = next(line.partition("=")[2] for line in record.splitlines()
                  if line.startswith("Sha256="))
    lab.fwupd.stop()
    env = {**lab.fwupd.env, **sanitizer_env(), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}
    permit = lab.fwupd.rundir / "ucupdates/permit"
    permit.parent.mkdir(parents=True)

    def activate():
        return run(["fwupdtool", "activate", "--plugins", "uc_endpoint"], env=env)

    result = activate()
    assert lab.endpoint.boots_next() == "A", result.stdout + result.stderr
    assert "does not permit it; activate while the system runs" in result.stdout + result.stderr
    permit.write_text("0" * 64 + "\n")
    result = activate()
    assert "permits another image" in result.stdout + result.stderr
    assert not permit.exists(), "a permit is good for one use"
    assert lab.endpoint.boots_next() == "A"
    permit.write_text(sha256 + "\n")
    os.chown(permit, agent_user.pw_uid + 1, -1)
    assert "does not permit it" in activate().stderr, "of somebody else"
    assert lab.endpoint.boots_next() == "A"
    permit.write_text(sha256 + "\n")
    os.chown(permit, agent_user.pw_uid, agent_user.pw_gid)
    activate()
    assert not permit.exists()
    assert lab.endpoint.boots_next() == "B"
    lab.fwupd.start()
