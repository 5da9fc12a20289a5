# SPDX-License-Identifier: LGPL-2.1-or-later
"""Somebody signs in at the endpoint."""

import os

from gi.repository import Gio, GLib


def sign_in(lab, user, secret, internal="", external="", leave_open=False):
    """SignIn() as an application of the endpoint calls it; returns the error's name and sentence."""
    connection = Gio.DBusConnection.new_for_address_sync(
        lab.bus.address,
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    reader, writer = os.pipe()
    os.write(writer, secret)
    if not leave_open:
        os.close(writer)
    fds = Gio.UnixFDList.new()
    fds.append(reader)
    os.close(reader)
    try:
        connection.call_with_unix_fd_list_sync(
            "org.ucupdates.Agent", "/org/ucupdates/Agent", "org.ucupdates.Agent1", "SignIn",
            GLib.Variant("(shss)", (user, 0, internal, external)), None,
            Gio.DBusCallFlags.NONE, 30000, fds, None)
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error), error.message
    finally:
        if leave_open:
            os.close(writer)
        connection.close_sync(None)
    return None, ""
