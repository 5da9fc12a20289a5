# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private system bus with the real polkitd on it."""

import pathlib
import shutil
import xml.sax.saxutils

import dbus
import dbus.bus

from . import net
from .process import LabError, run, wait_for

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  {servicedirs}
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <policy user="root"><allow own="*"/><allow send_destination="*"/></policy>
  <includedir>/usr/share/dbus-1/system.d</includedir>
  {includes}
</busconfig>
"""

RULES_DIR = "/etc/polkit-1/rules.d"
SOCKET_BYTES_MAX = 100


class Bus:
    """dbus-daemon as a system bus on a socket below the lab's directory, and polkitd."""

    def __init__(self, supervisor, directory, policy_files=(), service_dirs=(), rules=()):
        self.supervisor = supervisor
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.socket = self.directory / "bus"
        self.policy_files = policy_files
        self.service_dirs = service_dirs
        self.rules = rules
        if len(str(self.socket)) > SOCKET_BYTES_MAX:
            raise LabError(f"{self.socket} is too long for a socket; use a shorter directory")

    @property
    def address(self):
        return f"unix:path={self.socket}"

    @property
    def env(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": self.address}

    def _write_config(self):
        def tags(tag, values):
            return "\n  ".join(
                f"<{tag}>{xml.sax.saxutils.escape(str(value))}</{tag}>" for value in values
            )

        config = self.directory / "bus.conf"
        config.write_text(
            CONFIG.format(
                socket=self.socket,
                servicedirs=tags("servicedir", self.service_dirs),
                includes=tags("include", self.policy_files),
            ),
            encoding="utf-8",
        )
        return config

    def _install_rules(self):
        """polkitd has no option for the place of its rules."""
        directory = self.directory / "rules.d"
        directory.mkdir(exist_ok=True)
        for rules in self.rules:
            shutil.copy(rules, directory)
        net.mount_over(directory, RULES_DIR)

    def start(self):
        if self.rules:
            self._install_rules()
        daemon = self.supervisor.spawn(
            "dbus", ["dbus-daemon", f"--config-file={self._write_config()}", "--nofork", "--nopidfile"],
            self.env,
        )
        wait_for(lambda: self.has_owner("org.freedesktop.DBus"), 10, "the bus", daemon)
        self.directory.chmod(0o711)
        reachable = net.expose(self.directory) / self.socket.name
        polkitd = self.supervisor.spawn(
            "polkitd", ["/usr/lib/polkit-1/polkitd", "--no-debug"],
            {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={reachable}"},
        )
        wait_for(lambda: self.has_owner("org.freedesktop.PolicyKit1"), 10, "polkitd", polkitd)

    def call(self, destination, path, method, *arguments, timeout_secs=30):
        """A method call with gdbus; returns the finished process."""
        return run(
            ["gdbus", "call", "--address", self.address, "--dest", destination,
             "--object-path", path, "--method", method, *arguments],
            timeout_secs=timeout_secs,
        )

    def has_owner(self, name):
        """Asked many times a second, so without a program; a bus that is not there has no names."""
        try:
            connection = dbus.bus.BusConnection(self.address)
        except dbus.DBusException:
            return False
        try:
            connection.set_exit_on_disconnect(False)
            return bool(connection.name_has_owner(name))
        except dbus.DBusException:
            return False
        finally:
            connection.close()

    def wait_for_owner(self, name, process, deadline_secs=15):
        wait_for(lambda: self.has_owner(name), deadline_secs, name, process, 0.05)
