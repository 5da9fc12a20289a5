# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people see of an endpoint: each item in `fwupdmgr get-devices`, as text and as JSON, in the same
of fwupdtool, and in GNOME Firmware where its window has a place for it."""

import json
import re

from test_plugin_in_use import REASON, FakeAgent
from test_plugin_raw import PATTERN

from uclab import user
from uclab.fwupd import NAME
from uclab.gui import Gui
from uclab.process import run, wait_for

DEADLINE_SECS = 60
UNPLUG = "Do not turn off or unplug the endpoint."
SUMMARY = ("UC endpoint in Berlin, hardware level 2 (overridden, takes firmware for 7 too), "
           "software 5.4.3AA, takes firmware that names no level from 3.0 on")
GUID = "787c0f76-0f0e-51a4-989d-238c1f9c6c26"
LEVEL = r"UC\VEN_acme&MODEL_icon400&HW_2"

# item; as JSON; as text; as a row of GNOME Firmware, None where its window has no place for it
ITEMS = [
    ("name", ("Name", "ICON 400"), "ICON 400:", ["acme ICON 400"]),
    ("vendor", ("Vendor", "acme"), "Vendor: acme (UC:acme)", ["Vendor", "acme"]),
    ("vendor id", ("VendorIds", ["UC:acme"]), "Vendor: acme (UC:acme)", ["Vendor ID", "UC:acme"]),
    ("icon", ("Icons", ["camera-video"]), None, None),
    ("serial number", ("Serial", "UC0001"), "Serial Number: UC0001", ["Serial Number", "UC0001"]),
    ("version, so that it can be compared", ("Version", "5.4.3.27"), "Current version: 5.4.3.27",
     ["Current Version", "5.4.3.27"]),
    ("updater's version", ("VersionBootloader", "3.5.12.0"), "Bootloader Version: 3.5.12.0",
     ["Bootloader Version", "3.5.12.0"]),
    ("room, level, override, vendor's spelling, oldest software", ("Summary", SUMMARY),
     f"Summary: {SUMMARY}", None),
    ("hardware level as an instance id",
     ("InstanceIds", [LEVEL[:-5], LEVEL, LEVEL.replace("HW_2", "HW_7")]),
     f"{GUID} ← {LEVEL}", [GUID, LEVEL]),
    ("protocol", ("Protocols", ["org.ucupdates.bind"]), None, None),
    ("flags", ("Flags", ["internal", "updatable", "dual-image", "usable-during-update",
                         "unsigned-payload"]), "Device stages updates", None),
    ("duration where no release says it", ("InstallDuration", 60), "Install Duration: 1 minute",
     ["Install Duration", "1 min"]),
]


def words(text):
    """The lines without what is there for the eye."""
    return [re.sub(r"\s+", " ", re.sub(r"[│└─•]|\x1b\[[0-9;]*m", " ", line)).strip()
            for line in text.splitlines()]


def tool(lab, *arguments):
    """fwupdtool, which is an engine of its own: the daemon is stopped for it."""
    result = run(["fwupdtool", *arguments], env={**lab.fwupd.env, "LC_ALL": "C.UTF-8"},
                 timeout_secs=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def check_items(device, text):
    for item, (key, value), line, _ in ITEMS:
        assert device.get(key) == value, item
        assert line is None or any(line in found for found in words(text)), (item, text)


def described(make_lab):
    """An endpoint whose file says all that it can."""
    return make_lab(UpdaterVersion="V3 R5.12.0", Room="Berlin", Version="5.4.3AA", VersionFile=None,
                    OverrideHardwareLevel="7", MinimumSoftware="3.0").start()


def test_fwupdmgr(make_lab):
    lab = described(make_lab)
    check_items(lab.device(), lab.fwupd.fwupdmgr("get-devices").stdout)


def test_fwupdtool(make_lab):
    lab = described(make_lab)
    lab.fwupd.stop()
    devices = json.loads(tool(lab, "get-devices", "--json"))["Devices"]
    device, = (device for device in devices if device["Plugin"] == "uc_endpoint")
    check_items(device, tool(lab, "get-devices"))


def test_gnome_firmware(make_lab):
    lab = described(make_lab)
    rows = [row for *_, row in ITEMS if row is not None]
    with Gui(lab.supervisor, lab.fwupd, lab.directory / "gui") as gui:
        gui.wait_until(lambda found: all(row in found["rows"] for row in rows), "each item",
                       DEADLINE_SECS)


def test_lowest_version(make_lab):
    """As fwupd's own where it is true for each image."""
    lab = make_lab(install_keys=PATTERN, MinimumSoftware="V1 R0.5").start()
    assert lab.device()["VersionLowest"] == "1.0.5"
    assert "Minimum Version: 1.0.5" in words(lab.fwupd.fwupdmgr("get-devices").stdout)
    with Gui(lab.supervisor, lab.fwupd, lab.directory / "gui") as gui:
        gui.wait_until(lambda found: ["Minimum Version", "1.0.5"] in found["rows"],
                       "the minimum version", DEADLINE_SECS)
    lab.fwupd.stop()
    assert "Minimum Version: 1.0.5" in words(tool(lab, "get-devices"))


def serial_for_others(lab):
    """The serial number that fwupd shows to a user without rights."""
    other = user.ensure(lab.directory)
    result = run(["fwupdmgr", "get-devices", "--json"], user=other,
                 env={**lab.fwupd.env, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"})
    devices = json.loads(result.stdout)["Devices"]
    return next(device for device in devices if device["Name"] == "ICON 400").get("Serial")


def test_privacy_switch(lab):
    assert serial_for_others(lab) == "UC0001"
    conf = lab.fwupd.sysconf / "fwupd/fwupd.conf"
    conf.write_text(conf.read_text() + "ShowDevicePrivate=false\n")
    lab.fwupd.restart()
    assert serial_for_others(lab) is None


def test_problem_in_words(lab):
    """fwupdmgr's own words beside the device, ours in JSON and with the refusal."""
    agent = FakeAgent(lab)
    agent.set("call")
    agent.start()
    wait_for(lambda: lab.device().get("Problems") == ["in-use"], DEADLINE_SECS, "the problem")
    assert lab.device()["UpdateError"] == REASON
    assert "Problems: Device is in use" in words(lab.fwupd.fwupdmgr("get-devices").stdout)
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert f"codec has to wait: {REASON}" in text


def test_request(lab):
    """As a signal to each client; fwupdmgr rings the bell for it where there is no terminal."""
    monitor = lab.supervisor.spawn(
        "monitor", ["gdbus", "monitor", "--system", "--dest", NAME], lab.bus.env)
    monitor.wait_for_log(f"The name {NAME} is owned by", DEADLINE_SECS)
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text
    monitor.wait_for_log(UNPLUG, DEADLINE_SECS)
    assert "org.freedesktop.fwupd.request.do-not-power-off" in monitor.log_text()
    found = words(lab.fwupd.fwupdmgr("get-devices").stdout)
    assert any("Device update needs activation" in line for line in found), "\n".join(found)
