# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the agent knows from what goes on in the room: the sources of ucupdates.conf(5)."""

import os
import pathlib

import pytest

from uclab.lab import Lab
from uclab.logind import Logind

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def configure(lab, calls, activity):
    lab.agent.configure(
        f"[Agent]\nRestart=none\nCallSources={calls}\nActivitySources={activity}\n"
    )


def start(lab, calls, activity, logind=True):
    """The bus, a logind and the agent alone; returns the logind."""
    configure(lab, calls, activity)
    lab.bus.start()
    mock = Logind(lab.supervisor, lab.bus)
    if logind:
        mock.start()
    lab.agent.start()
    return mock


def status(lab):
    return lab.agent.json("status")


def wait_for_use(lab, use, reason=""):
    lab.agent.wait_for(
        lambda: [status(lab)[name] for name in ("use", "use_reason")] == [use, reason],
        15, f"{use} {reason}",
    )


def test_none_configured(lab):
    start(lab, "", "", logind=False)
    found = status(lab)
    assert found["use"] == "none"
    assert found["call_source"] is False and found["activity_source"] is False
    text = lab.agent.ctl("status").stdout
    assert "no source of calls is configured: nothing is applied by itself" in text
    assert "no source of activity is configured, or it cannot tell" in text


def test_agent_itself(lab):
    start(lab, "agent", "agent", logind=False)
    found = status(lab)
    assert found["use"] == "none" and found["call_source"] and found["activity_source"]
    assert "source of" not in lab.agent.ctl("status").stdout


@pytest.mark.parametrize("word", ["nonsense", ":1.5", "evdev"])
def test_no_such_source(lab, word):
    """Somebody meant something by it, so that the use is unknown, and is told."""
    start(lab, word, "agent", logind=False)
    wait_for_use(lab, "unknown", f"the source of calls {word} does not answer")
    lab.agent.process.wait_for_log(
        f"[Agent] CallSources: '{word}' is no such source and no D-Bus name")


def test_source_of_the_wrong_kind(lab):
    """Right as a source of activity, and still no source of calls."""
    start(lab, "display", "display", logind=False)
    wait_for_use(lab, "unknown", "the source of calls display does not answer")


def display_off(lab):
    return lab.supervisor.spawn("display-off", [SOURCE / "contrib/examples/display-off"],
                                lab.bus.env)


def test_display(lab):
    """On, somebody may be there; off, nobody since then; on again however its program ended."""
    start(lab, "agent", "display", logind=False)
    wait_for_use(lab, "none")
    assert status(lab)["activity_source"] and status(lab)["idle_secs"] == 0
    lab.agent.pass_time(600)
    assert status(lab)["idle_secs"] == 0
    first, second = display_off(lab), display_off(lab)
    for program in (first, second):
        program.wait_for_log("the display is off")
    lab.agent.pass_time(300)
    assert 300 <= status(lab)["idle_secs"] < 600
    # what another source knows is newer
    result = lab.bus.call("org.ucupdates.Agent", "/org/ucupdates/Agent",
                          "org.ucupdates.Agent1.Activity")
    assert result.returncode == 0 and status(lab)["idle_secs"] < 300
    lab.agent.pass_time(300)
    kill(lab, first)
    assert status(lab)["idle_secs"] >= 300
    kill(lab, second)
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] == 0, 15, "the display that is on")
    lab.agent.pass_time(600)
    assert status(lab)["idle_secs"] == 0


def test_display_is_no_source(lab):
    start(lab, "agent", "agent", logind=False)
    program = display_off(lab)
    program.wait_for_log("the display is no source here; add 'display' to [Agent] ActivitySources=")


def kill(lab, process):
    process.kill()
    lab.supervisor.processes.remove(process)


def test_logind_not_there(lab):
    """Unknown only where it is configured; it comes, and goes."""
    logind = start(lab, "logind", "agent", logind=False)
    wait_for_use(lab, "unknown", "the source of calls logind does not answer")
    logind.start()
    wait_for_use(lab, "none")
    logind.stop()
    wait_for_use(lab, "unknown", "the source of calls logind does not answer")


FILM = ("idle", "Player", "a film", "block", 1000)
FILM_TEXT = "Player asked logind not to be interrupted: a film"


@pytest.mark.parametrize("what,mode,who,uid,counts", [
    ("idle", "block", "Player", 1000, True),
    ("sleep", "block", "Player", 1000, True),
    ("handle-power-key:shutdown", "block", "Player", 1000, True),
    ("idle", "delay", "Player", 1000, False),
    ("handle-lid-switch", "block", "Player", 1000, False),
    ("idlers", "block", "Player", 1000, False),
    ("shutdown:sleep:idle", "block", "fwupd", 0, False),
    ("shutdown:sleep:idle", "block", "fwupd", 1000, True),
])
def test_logind_inhibitors(lab, what, mode, who, uid, counts):
    logind = start(lab, "logind", "agent")
    wait_for_use(lab, "none")
    logind.set_inhibitors((what, who, "a film", mode, uid), ("idle", "Last", "told", "block", 7))
    first = who if counts else "Last"
    why = "a film" if counts else "told"
    wait_for_use(lab, "call", f"{first} asked logind not to be interrupted: {why}")
    logind.set_inhibitors()
    wait_for_use(lab, "none")


def test_logind_for_activity_alone_has_no_calls(lab):
    logind = start(lab, "agent", "logind")
    logind.set_inhibitors(FILM)
    logind.set_idle(logind.add_session("c1"), False)
    lab.agent.wait_for(lambda: status(lab)["activity_source"], 15, "the session")
    assert status(lab)["use"] == "none"


def test_logind_idle_hint(lab):
    """A hint that no graphical session ever set is no source; one that is set counts."""
    logind = start(lab, "agent", "logind")
    session = logind.add_session("c1")
    greeter = logind.add_session("g1", group="greeter")
    terminal = logind.add_session("t1", kind="tty")
    wait_for_use(lab, "none")
    logind.set_idle(greeter, False)
    logind.set_idle(terminal, False)
    assert not status(lab)["activity_source"]
    logind.set_idle(session, False)
    lab.agent.wait_for(lambda: status(lab)["activity_source"], 15, "the hint")
    # for longer than a second nobody does anything, and still somebody is there
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] == 0, 15, "presence")
    logind.set_idle(session, True)
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] > 0, 15, "idleness")
    logind.set_idle(session, False)
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] == 0, 15, "presence again")
    logind.stop()
    wait_for_use(lab, "unknown", "the source of activity logind does not answer")


def test_input_devices(lab):
    """A FIFO stands in for a keyboard; the room is idle until somebody touches it."""
    devices = lab.agent.state / "dev" # which the agent's user can reach
    (devices / "input").mkdir(parents=True)
    os.mkfifo(devices / "input/event0")
    keyboard = os.open(devices / "input/event0", os.O_RDWR | os.O_NONBLOCK)
    configure(lab, "agent", "evdev")
    lab.bus.start()
    lab.agent.start({"UCUPDATES_DEVDIR": str(devices)})
    wait_for_use(lab, "none")
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] >= 2, 15, "idleness")
    os.write(keyboard, bytes(24))
    lab.agent.wait_for(lambda: status(lab)["idle_secs"] < 2, 5, "activity")
    os.close(keyboard)
