# SPDX-License-Identifier: LGPL-2.1-or-later
"""As much of systemd on the bus as ucupdates-confirm asks for.

fake_systemd.py CONTROL; CONTROL is a file with the ActiveState of boot-complete.target.
"""

import pathlib
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

UNIT_PATH = "/org/freedesktop/systemd1/unit/boot_2dcomplete_2etarget"
XML = """<node>
<interface name="org.freedesktop.systemd1.Manager">
  <method name="Subscribe"/>
  <method name="LoadUnit"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
</interface>
<interface name="org.freedesktop.systemd1.Unit">
  <property name="ActiveState" type="s" access="read"/>
</interface>
</node>"""


class Systemd:
    def __init__(self, control):
        self.control, self.connection = pathlib.Path(control), None
        self.told, self.subscribed = self.state(), False

    def state(self):
        return GLib.Variant("s", self.control.read_text().strip())

    def call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if method == "Subscribe":
            self.subscribed = True
            invocation.return_value(None)
        elif parameters.unpack() == ("boot-complete.target",):
            invocation.return_value(GLib.Variant("(o)", (UNIT_PATH,)))
        else:
            invocation.return_dbus_error("org.freedesktop.systemd1.NoSuchUnit", "unknown")

    def get(self, _connection, _sender, _path, _interface, _name):
        return self.state()

    def acquired(self, connection, _name):
        self.connection = connection
        node = Gio.DBusNodeInfo.new_for_xml(XML)
        connection.register_object("/org/freedesktop/systemd1", node.interfaces[0], self.call,
                                   None, None)
        connection.register_object(UNIT_PATH, node.interfaces[1], None, self.get, None)

    def poll(self):
        if self.subscribed and not self.state().equal(self.told):
            self.told = self.state()
            self.connection.emit_signal(
                None, UNIT_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                GLib.Variant("(sa{sv}as)", ("org.freedesktop.systemd1.Unit",
                                            {"ActiveState": self.told}, [])))
        return True


def main():
    systemd = Systemd(sys.argv[1])
    Gio.bus_own_name(Gio.BusType.SYSTEM, "org.freedesktop.systemd1", Gio.BusNameOwnerFlags.NONE,
                     systemd.acquired, None, lambda *_: sys.exit(1))
    GLib.timeout_add(20, systemd.poll)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
