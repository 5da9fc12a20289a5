# SPDX-License-Identifier: LGPL-2.1-or-later
"""GNOME Firmware shows what is true at each step of one update, as a screen reader reads it.

UC_PICTURE names a file for the picture in the README; tests/run-pytest runs this file by itself.
"""

import os
import pathlib
import re

import pytest

from uclab.gui import Gui
from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
REASON = "call (ucupdatesctl): call with Berlin"
ACTIVATION = "Device update needs activation"
REBOOT = "Needs a reboot after installation"
RELEASE = ["Icon 400", "1.1.0", "Upgrade"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start()
        yield lab


@pytest.fixture(name="gui")
def fixture_gui(lab):
    """Not started yet."""
    return Gui(lab.supervisor, lab.fwupd, lab.base / "gui")


def offer_during_call(lab):
    """A call goes on, so that what is approved is shown and not staged yet; returns the call."""
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"],
                                                         install_secs=300))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    call = lab.agent.hold(600, "call with Berlin")
    lab.agent.wait_for(lambda: lab.agent.json("status")["in_use"], 10, "the call")
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    return call


def end(lab, call):
    call.stop()
    lab.supervisor.processes.remove(call)


def flags(found):
    """The row that lists them."""
    return next((row for row in found["rows"] if row[0] == "Internal device"), [])


def missing(found, rows=(), labels=(), on=(), off=()):
    """What of all that is not as it must be: rows and labels there, flags on or off."""
    return ([row for row in rows if row not in found["rows"]]
            + [label for label in labels if label not in found["labels"]]
            + [f"{flag}: on" for flag in on if flag not in flags(found)]
            + [f"{flag}: off" for flag in off if flag in flags(found)])


def wait_to_show(gui, what, never=None, **expected):
    """Read again until all of it is shown at once; a window is filled piece by piece."""
    return gui.wait_until(
        lambda found: not missing(found, **expected) and never not in sum(found["rows"], []),
        what, 60)


def keep_picture(gui):
    path = os.environ.get("UC_PICTURE")
    if path:
        gui.picture(pathlib.Path(path))


def check_endpoint(gui):
    """Who it is, what is offered to it, and why not now."""
    wait_to_show(
        gui, "the release 1.1.0, during a call",
        rows=[["Acme Icon 400"], RELEASE, ["Current Version", "1.0.0"], ["Vendor", "Acme"],
              ["Serial Number", "AC0001"], ["Install Duration", "1 min"],
              ["Update Error", REASON]],
        labels=["Available Releases"],
        on=["Device stages updates"], off=["Updatable", ACTIVATION])
    gui.wait_until(
        lambda found: r"UC\VEN_acme&MODEL_icon400&HW_2" in sum(found["rows"], []),
        "the hardware level")


def test_one_update(lab, gui):
    call = offer_during_call(lab)
    with gui:
        check_endpoint(gui)
        assert re.search(r"\bDuration: +5 minutes", lab.fwupd.fwupdmgr("get-updates").stdout), \
            "the release's own, beside the device's"
        keep_picture(gui)
        end(lab, call)
        wait_to_show(gui, "staged, the call is over", never="Update Error",
                     rows=[["Current Version", "1.0.0"]], on=[ACTIVATION],
                     labels=["Do not turn off or unplug the endpoint."])
        assert lab.fwupd.fwupdmgr("activate").returncode == 0
        wait_to_show(gui, "activated", on=[REBOOT], off=[ACTIVATION])
    lab.restart_endpoint()
    with gui:
        found = wait_to_show(gui, "updated", rows=[["Current Version", "1.1.0"]],
                             on=["Updatable"], off=[ACTIVATION, REBOOT])
        assert RELEASE not in found["rows"], "no upgrade any more"
