# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stand-in for the agent with the interface of data/org.ucupdates.Agent1.xml.

fake_agent.py CONTROL REASON; CONTROL is a file with `free`, `call`, `hang` or `die`, or with
`withdrawn VERSION`, which is of the endpoint `codec`.
"""

import os
import pathlib
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

XML = pathlib.Path(__file__).resolve().parents[2] / "data/org.ucupdates.Agent1.xml"
INTERFACE = "org.ucupdates.Agent1"


class Agent:
    def __init__(self, control, reason):
        self.control, self.reason, self.connection = pathlib.Path(control), reason, None
        self.held = []  # calls that are never answered
        self.told = self.state()

    def state(self):
        return self.control.read_text().strip()

    def in_use(self):
        return self.state() == "call"

    def withdrawn(self):
        words = self.state().split()
        return {"codec": words[1]} if words[0] == "withdrawn" else {}

    def properties(self):
        return {"InUse": GLib.Variant("b", self.in_use()),
                "InUseReason": GLib.Variant("s", self.reason if self.in_use() else ""),
                "Withdrawn": GLib.Variant("a{ss}", self.withdrawn()),
                "Prompt": GLib.Variant("a{sv}", {}),
                "Version": GLib.Variant("s", "0")}

    def call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if self.state() == "die":
            os._exit(1)  # with the question in hand
        if self.state() == "hang":
            self.held.append(invocation)
        elif method == "CheckStep":
            _endpoint, _step, forced = parameters.unpack()
            answer = (not self.in_use() or forced, self.reason if self.in_use() else "idle")
            invocation.return_value(GLib.Variant("(bs)", answer))
        else:
            invocation.return_dbus_error("org.ucupdates.Error.Failed", "not in this stand-in")

    def get(self, _connection, _sender, _path, _interface, name):
        return self.properties()[name]

    def acquired(self, connection, _name):
        self.connection = connection
        node = Gio.DBusNodeInfo.new_for_xml(XML.read_text())
        connection.register_object("/org/ucupdates/Agent", node.lookup_interface(INTERFACE),
                                   self.call, self.get, None)

    def poll(self):
        if self.state() != self.told and self.connection:
            self.told = self.state()
            self.connection.emit_signal(
                None, "/org/ucupdates/Agent", "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                GLib.Variant("(sa{sv}as)", (INTERFACE, self.properties(), [])))
        return True


def main():
    agent = Agent(*sys.argv[1:3])
    Gio.bus_own_name(Gio.BusType.SYSTEM, "org.ucupdates.Agent", Gio.BusNameOwnerFlags.NONE,
                     agent.acquired, None, lambda *_: sys.exit(1))
    GLib.timeout_add(20, agent.poll)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
