# SPDX-License-Identifier: LGPL-2.1-or-later
"""ucupdates-prompt between a stand-in for the agent and dbusmock's notification daemon."""

import os
import pathlib
import subprocess
import time

import dbus
import dbusmock
import pytest

PROGRAM = pathlib.Path(os.environ["UC_BUILDDIR"]) / "agent/ucupdates-prompt"
KIOSK = pathlib.Path(__file__).resolve().parents[2] / "contrib/examples/kiosk-prompt"
AGENT = ("org.ucupdates.Agent", "/org/ucupdates/Agent", "org.ucupdates.Agent1")
DESKTOP = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications",
           "org.freedesktop.Notifications")
ASKING = {"devices": dbus.Array(["codec"], "s"), "names": dbus.Array(["Icon 400"], "s"),
          "version": "1.1.0", "remaining-secs": dbus.UInt32(61), "no-allowed": True}


def eventually(condition, what, deadline_secs=20):
    end = time.monotonic() + deadline_secs
    while not (value := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return value


class Room:
    """Both buses, both stand-ins, and the program between them."""

    def __init__(self, prompt):
        dbusmock.DBusTestCase.start_system_bus()
        dbusmock.DBusTestCase.start_session_bus()
        system = dbusmock.DBusTestCase.get_dbus(True)
        session = dbusmock.DBusTestCase.get_dbus(False)
        self.processes = [
            dbusmock.DBusTestCase.spawn_server(*AGENT, system_bus=True,
                                               stdout=subprocess.DEVNULL),
            dbusmock.DBusTestCase.spawn_server_template("notification_daemon", {},
                                                        subprocess.DEVNULL)[0],
        ]
        self.agent = dbus.Interface(system.get_object(*AGENT[:2]), dbusmock.MOCK_IFACE)
        self.desktop = dbus.Interface(session.get_object(*DESKTOP[:2]), dbusmock.MOCK_IFACE)
        self.agent.AddProperty(AGENT[2], "Prompt", dbus.Dictionary(prompt, "sv"))
        self.agent.AddMethod(AGENT[2], "AnswerPrompt", "b", "", "")
        self.agent.AddMethod(AGENT[2], "PromptInput", "", "", "")
        self.program = subprocess.Popen([PROGRAM], env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.processes.append(self.program)

    def ask(self, **prompt):
        """Another question, or none; the program is known to listen by its first notification."""
        value = dbus.Dictionary(prompt, "sv", variant_level=1)
        self.agent.EmitSignal(
            dbus.PROPERTIES_IFACE, "PropertiesChanged", "sa{sv}as",
            [AGENT[2], dbus.Dictionary({"Prompt": value}, "sv"), dbus.Array([], "s")])

    def calls(self, interface, name):
        return [[*arguments] for _, method, arguments in interface.GetCalls() if method == name]

    def notified(self, count):
        return eventually(
            lambda: (lambda calls: calls if len(calls) >= count else None)(
                self.calls(self.desktop, "Notify")), f"{count} notifications")[count - 1]

    def signal(self, name, signature, *arguments):
        self.desktop.EmitSignal(DESKTOP[2], name, signature, list(arguments))

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(10)
        dbusmock.DBusTestCase.tearDownClass()


@pytest.fixture(name="start")
def fixture_start():
    rooms = []

    def start(**prompt):
        rooms.append(Room(prompt))
        return rooms[-1]

    yield start
    for room in rooms:
        room.stop()


def test_argument():
    result = subprocess.run([PROGRAM, "x"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == "ucupdates-prompt: 'x' is not expected; it takes no arguments\n"


def test_no_bus():
    result = subprocess.run([PROGRAM], capture_output=True, text=True, check=False, timeout=20,
                            env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})
    assert result.returncode == 1
    assert result.stderr.startswith("ucupdates-prompt: ")


@pytest.mark.parametrize("key,answer", [("now", True), ("later", False)])
def test_buttons(start, key, answer):
    room = start(**ASKING)
    name, replaces, _icon, summary, body, actions, hints, expires = room.notified(1)
    assert (name, replaces, expires) == ("ucupdates", 0, 0)
    assert summary == "New firmware 1.1.0 for Icon 400"
    assert body == "Without an answer it starts in 2 minutes."
    assert [str(action) for action in actions] == ["now", "Install now", "later", "Not now"]
    assert hints["urgency"] == 2
    room.signal("ActionInvoked", "us", dbus.UInt32(77), "now")  # of another program
    room.signal("ActionInvoked", "us", dbus.UInt32(1), key)
    calls = eventually(lambda: room.calls(room.agent, "AnswerPrompt"), "the answer")
    assert calls == [[answer]]


def test_no_is_not_allowed(start):
    room = start(**{**ASKING, "no-allowed": False, "remaining-secs": dbus.UInt32(60)})
    call = room.notified(1)
    assert [str(action) for action in call[5]] == ["now", "Install now"]
    assert call[4] == "Without an answer it starts in 1 minute."


def test_notice_has_no_buttons(start):
    room = start(**{**ASKING, "notice": True})
    call = room.notified(1)
    assert list(call[5]) == []
    assert call[4] == "The update starts by itself. Please do not switch it off."


def test_withdrawn_by_a_call_and_back(start):
    room = start(**ASKING)
    room.notified(1)
    room.ask()
    eventually(lambda: room.calls(room.desktop, "CloseNotification") == [[1]], "it goes")
    room.ask(**ASKING)
    assert room.notified(2)[1] == 0, "a new one"
    assert room.calls(room.agent, "AnswerPrompt") == []
    assert room.calls(room.agent, "PromptInput") == [], "the agent took it away itself"


def test_dismissed_is_input_and_no_answer(start):
    room = start(**ASKING)
    room.notified(1)
    room.signal("NotificationClosed", "uu", dbus.UInt32(1), dbus.UInt32(2))
    eventually(lambda: room.calls(room.agent, "PromptInput"), "the input")
    assert room.calls(room.agent, "AnswerPrompt") == []


def test_kiosk_example(start):
    """contrib/examples/kiosk-prompt draws it on a console, and a key is the answer."""
    room = start(**ASKING)
    master, slave = os.openpty()
    kiosk = subprocess.Popen([KIOSK], stdin=slave, stdout=slave)
    room.processes.append(kiosk)
    os.set_blocking(master, False)
    shown = bytearray()

    def read():
        try:
            shown.extend(os.read(master, 4096))
        except BlockingIOError:
            pass
        return shown

    eventually(lambda: b"[n] Not now" in read(), "the question")
    assert b"New firmware 1.1.0 for Icon 400" in shown
    os.write(master, b"x")
    eventually(lambda: room.calls(room.agent, "PromptInput"), "the input")
    os.write(master, b"n")
    eventually(lambda: room.calls(room.agent, "AnswerPrompt") == [[False]], "the answer")


def test_rubbish_of_an_agent(start):
    """What has other types is left out; the program goes on."""
    room = start(version=dbus.UInt32(5), names="x")
    assert room.notified(1)[3] == "New firmware  for "
    room.ask(**ASKING)
    assert room.notified(2)[3] == "New firmware 1.1.0 for Icon 400"
    assert room.program.poll() is None
