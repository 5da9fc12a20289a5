# SPDX-License-Identifier: LGPL-2.1-or-later
"""GNOME Firmware shows what is true at each step of one update, as a screen reader reads it.

UC_PICTURE names a file for the picture in the README; tests/run-pytest runs this file by itself.
"""

import os
import pathlib

import pytest

from uclab.gui import Gui
from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
REASON = "call (ucupdatesctl): call with Berlin"
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
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
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


def keep_picture(gui):
    path = os.environ.get("UC_PICTURE")
    if path:
        gui.picture(pathlib.Path(path))


def check_endpoint(gui):
    """Who it is, what is offered to it, and why not now."""
    found = gui.wait_until(lambda found: RELEASE in found["rows"], "the release 1.1.0")
    rows = found["rows"]
    assert ["Acme Icon 400"] in rows, "in the list of devices"
    for row in (["Current Version", "1.0.0"], ["Vendor", "Acme"], ["Serial Number", "AC0001"],
                ["Install Duration", "1 min"], ["Update Error", REASON]):
        assert row in rows
    assert r"UC\VEN_acme&MODEL_icon400&HW_2" in sum(rows, []), "the hardware level"
    assert "Device stages updates" in flags(found)
    assert "Updatable" not in flags(found), "in use"
    assert "Device update needs activation" not in flags(found)
    assert "Available Releases" in found["labels"]


def test_one_update(lab, gui):
    call = offer_during_call(lab)
    with gui:
        check_endpoint(gui)
        keep_picture(gui)
        end(lab, call)
        found = gui.wait_until(
            lambda found: "Device update needs activation" in flags(found), "staged", 60)
        assert ["Current Version", "1.0.0"] in found["rows"]
        assert "Update Error" not in sum(found["rows"], []), "the call is over"
        assert "Do not turn off or unplug the endpoint." in found["labels"]
        assert lab.fwupd.fwupdmgr("activate").returncode == 0
        found = gui.wait_until(
            lambda found: "Needs a reboot after installation" in flags(found), "activated")
        assert "Device update needs activation" not in flags(found)
    lab.restart_endpoint()
    with gui:
        found = gui.wait_until(
            lambda found: ["Current Version", "1.1.0"] in found["rows"], "updated")
        for label in ("Device update needs activation", "Needs a reboot after installation"):
            assert label not in flags(found)
        assert "Updatable" in flags(found)
        assert RELEASE not in found["rows"], "no upgrade any more"
