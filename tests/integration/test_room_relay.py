# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two machines in one room: each has a bus and an agent, and tells the other of its calls."""

import os
import pathlib
import shlex

import pytest

from uclab.agent import Agent
from uclab.bus import Bus
from uclab.fwupd import Fwupd
from uclab.lab import AGENT, Lab

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])


@pytest.fixture(name="codec")
def fixture_codec(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.bus.start()
        lab.agent.start()
        yield lab.agent


@pytest.fixture(name="panel")
def fixture_panel(codec, short_dir):
    """Of the same user, on a bus of its own; there is no fwupd, which does not matter here."""
    base = short_dir / "panel"
    bus = Bus(codec.supervisor, base / "bus",
              policy_files=[BUILDDIR / "data/org.ucupdates.Agent.conf"])
    fwupd = Fwupd(codec.supervisor, bus, base / "fwupd", BUILDDIR / "plugins/uc-endpoint")
    panel = Agent(codec.supervisor, bus, fwupd, base, BUILDDIR, codec.user)
    panel.configure(AGENT)
    bus.start()
    panel.start()
    return panel


def relay(here, there, name):
    """What ssh and the forced command in authorized_keys come to."""
    remote = ["env", *(f"{key}={value}" for key, value in there.env.items()),
              BUILDDIR / "agent/ucupdatesctl", "inhibit", f"--why=relayed from the {name}", "--",
              "cat"]
    return here.supervisor.spawn(
        f"relay-{name}", [SOURCE / "contrib/examples/room-relay", *map(str, remote)], here.env)


def wait_for_use(agent, text):
    agent.wait_for(lambda: agent.json("status")["use_reason"] == text, 30, text or "no call")


def end(agent, call):
    call.kill()
    agent.supervisor.processes.remove(call)


def test_both_ways(codec, panel):
    """A call is known on both machines until it ends, and no relay keeps the other's alive."""
    relay(panel, codec, "panel")
    relay(codec, panel, "codec")
    call = panel.hold(300, "a call on the panel")
    wait_for_use(panel, "call (ucupdatesctl): a call on the panel")
    wait_for_use(codec, "call (ucupdatesctl): relayed from the panel")
    end(panel, call)
    wait_for_use(panel, "")
    wait_for_use(codec, "")
    call = codec.hold(300, "a call on the codec")
    wait_for_use(panel, "call (ucupdatesctl): relayed from the codec")
    second = panel.hold(300, "another one")
    end(codec, call)
    wait_for_use(panel, "call (ucupdatesctl): another one")
    wait_for_use(codec, "call (ucupdatesctl): relayed from the panel")
    end(panel, second)
    wait_for_use(codec, "")
    wait_for_use(panel, "")


def test_the_relay_dies(codec, panel):
    """Its end is the end of what it held; the call on its own machine goes on."""
    process = relay(panel, codec, "panel")
    panel.hold(300, "a call on the panel")
    wait_for_use(codec, "call (ucupdatesctl): relayed from the panel")
    end(panel, process)
    wait_for_use(codec, "")
    wait_for_use(panel, "call (ucupdatesctl): a call on the panel")


def test_the_other_machine_is_not_there(codec, panel):
    process = panel.supervisor.spawn(
        "relay", [SOURCE / "contrib/examples/room-relay", "sh", "-c",
                  shlex.join(["echo", "no route to host"]) + " >&2; exit 255"], panel.env)
    panel.hold(300, "a call on the panel")
    process.wait_for_log("the other machine is not told; trying again")
    assert process.poll() is None
