# SPDX-License-Identifier: LGPL-2.1-or-later
"""python-dbusmock's logind, with inhibitors of other users and what else the agent asks for."""

# pylint: disable=wildcard-import,unused-wildcard-import,import-error
import dbus
from dbusmock import MOCK_IFACE, mockobject
from dbusmock.templates import logind
from dbusmock.templates.logind import *

DELAY_USEC = 5000000


def load(mock, parameters):
    logind.load(mock, parameters)
    mockobject.inhibitors = []
    mockobject.foreign = []
    mock.AddMethod(MAIN_IFACE, "RebootWithFlags", "t", "", "")
    mock.AddProperties(MAIN_IFACE, dbus.Dictionary({
        "InhibitDelayMaxUSec": dbus.UInt64(parameters.get("InhibitDelayMaxUSec", DELAY_USEC)),
        "BlockInhibited": "",
    }, signature="sv"))


@dbus.service.method(MAIN_IFACE, in_signature="", out_signature="a(ssssuu)")
def ListInhibitors(_):
    return dbus.Array(mockobject.foreign + mockobject.inhibitors, signature="(ssssuu)")


@dbus.service.method(MOCK_IFACE, in_signature="a(ssssuu)", out_signature="")
def SetInhibitors(self, inhibitors):
    """What somebody else holds, and the signal that goes with it."""
    mockobject.foreign = [tuple(row) for row in inhibitors]
    blocked = ":".join(row[0] for row in inhibitors if row[3] == "block")
    self.UpdateProperties(MAIN_IFACE, {"BlockInhibited": blocked})
