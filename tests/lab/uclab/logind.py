# SPDX-License-Identifier: LGPL-2.1-or-later
"""A systemd-logind of the lab's own: python-dbusmock's, with what the agent needs beyond it."""

import pathlib
import sys

from .process import LabError, wait_for

NAME = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
TEMPLATE = pathlib.Path(__file__).with_name("logind_template.py")
MOCK = "org.freedesktop.DBus.Mock"


class Logind:
    """The mock on the lab's bus; what it is told, it tells with logind's own signals."""

    def __init__(self, supervisor, bus):
        self.supervisor = supervisor
        self.bus = bus
        self.process = None

    def start(self):
        self.process = self.supervisor.spawn(
            "logind", [sys.executable, "-m", "dbusmock", "--system", "-t", TEMPLATE], self.bus.env
        )
        self.bus.wait_for_owner(NAME, self.process)
        # the name is there a moment before the object is
        wait_for(lambda: self.inhibitors() is not None, 10, "logind's object", self.process)

    def stop(self):
        self.process.stop()
        self.supervisor.processes.remove(self.process)
        self.process = None

    def _call(self, method, *arguments, path=PATH):
        result = self.bus.call(NAME, path, method, *arguments)
        if result.returncode != 0:
            raise LabError(f"{method}: {result.stderr}")
        return result.stdout

    def update(self, interface=MANAGER, path=PATH, **properties):
        """Set properties, GVariant text each, with PropertiesChanged."""
        text = ", ".join(f"'{name}': {value}" for name, value in properties.items())
        self._call(f"{MOCK}.UpdateProperties", interface, f"{{{text}}}", path=path)

    def set_inhibitors(self, *inhibitors):
        """What others hold: each is (what, who, why, mode, uid)."""
        rows = ", ".join(
            f"('{what}', '{who}', '{why}', '{mode}', uint32 {uid}, uint32 1)"
            for what, who, why, mode, uid in inhibitors
        )
        self._call(f"{MOCK}.SetInhibitors", f"@a(ssssuu) [{rows}]")

    def inhibitors(self):
        """All that are held, as gdbus prints them; None while logind does not answer."""
        result = self.bus.call(NAME, PATH, f"{MANAGER}.ListInhibitors")
        return result.stdout if result.returncode == 0 else None

    def waits_for_agent(self):
        return "('shutdown', 'ucupdates'" in (self.inhibitors() or "")

    def prepare_for_shutdown(self, begins=True):
        self.emit("PrepareForShutdown", "b", f"<{str(begins).lower()}>")

    def prepare_for_sleep(self, begins=True):
        self.emit("PrepareForSleep", "b", f"<{str(begins).lower()}>")

    def add_session(self, name, kind="wayland", group="user"):
        """Somebody signs in; returns the path of the session."""
        path = f"{PATH}/session/{name}"
        self._call(f"{MOCK}.AddSession", name, "seat0", "uint32 1000", "somebody", "true")
        self.update(SESSION, path, Type=f"<'{kind}'>", Class=f"<'{group}'>")
        self.emit("SessionNew", "so", f"<'{name}'>", f"<objectpath '{path}'>")
        return path

    def set_idle(self, path, idle):
        self.update(SESSION, path, IdleHint=f"<{str(idle).lower()}>",
                    IdleSinceHint="<uint64 1700000000000000>")

    def emit(self, signal, signature, *arguments):
        self._call(f"{MOCK}.EmitSignal", MANAGER, signal, signature, f"[{', '.join(arguments)}]")

    def calls(self):
        """What was asked of the manager so far, as the mock logs it."""
        return self.process.log_text()
