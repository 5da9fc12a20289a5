# SPDX-License-Identifier: LGPL-2.1-or-later
"""Vendors who ship no endpoint file: a quirk makes the endpoint, found by DMI or by os-release."""

import pytest

from test_plugin_bind import refuse
from test_plugin_health import Machine

from uclab import quirk
from uclab.process import wait_for
from uclab.quirk import OS, hardware_id

DEADLINE_SECS = 60


def as_quirk(lab, group, **changes):
    return quirk.as_quirk(lab.endpoint, group, **changes)


def published(lab):
    """What the agent and ucupdates-confirm read; None for nothing."""
    path = lab.state_file().with_name("quirk.conf")
    return path.read_text() if path.exists() else None


def without_file(lab):
    lab.dmi = quirk.instead_of_file(lab.endpoint, lab.fwupd, lab.directory)
    lab.quirks = lab.fwupd.localstate / "lib/fwupd/quirks.d/acme.quirk"
    lab.quirks.parent.mkdir()
    return lab


@pytest.fixture
def machine(make_lab):
    """A lab without an endpoint file, on a machine that DMI and os-release say something about."""
    return without_file(make_lab())


def test_by_dmi(machine):
    """From the quirk to the new version that runs."""
    lab = machine
    text = as_quirk(lab, hardware_id("ACME", "ICON 400"), UcEndpointSerialDmi="product_serial")
    lab.quirks.write_text(text.replace("UcEndpointSerial = UC0001\n", "") + "\n[other]\nName = x\n")
    lab.start()
    device = lab.device()
    assert device["Serial"] == "DMI0001"
    assert device["Summary"] == "UC endpoint, hardware level 2"
    assert device["InstanceIds"] == [r"UC\VEN_acme&MODEL_icon400", r"UC\VEN_acme&MODEL_icon400&HW_2"]
    refuse(lab, lab.package("1.1.0", levels=[3], claimed_levels=[2]),
           "firmware is for hardware level 3, this endpoint has hardware level 2")
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc == 0, text
    rc, text = lab.activate()
    assert rc == 0, text
    lab.restart()
    assert lab.device()["Version"] == "1.1.0"


def test_by_os_release(machine):
    lab = machine
    lab.quirks.write_text(as_quirk(lab, OS))
    lab.start()
    assert list(lab.fwupd.devices()) == ["ICON 400"]


def test_by_device_tree(machine):
    """The `compatible` of a machine without DMI; its serial number is there, too."""
    lab = machine
    lab.fwupd.extra_env["FWUPD_SYSFSDMIDIR"] = str(lab.directory / "none")
    (lab.fwupd.localstate / "lib/fwupd/system.dtb").write_bytes(quirk.device_tree(
        compatible=["acme,icon400-rev2", "acme,icon400"], model="ACME ICON 400"))
    tree = lab.endpoint.procfs / "device-tree"
    tree.mkdir()
    (tree / "serial-number").write_bytes(b"DT0001\0")
    text = as_quirk(lab, "acme,icon400", UcEndpointSerialDeviceTree="serial-number")
    lab.quirks.write_text(text.replace("UcEndpointSerial = UC0001\n", ""))
    lab.start()
    assert lab.device()["Serial"] == "DT0001"


def test_another_device_tree(machine):
    lab = machine
    (lab.fwupd.localstate / "lib/fwupd/system.dtb").write_bytes(
        quirk.device_tree(compatible="acme,icon500"))
    lab.quirks.write_text(as_quirk(lab, "acme,icon400"))
    lab.start()
    assert lab.fwupd.devices() == {}
    assert published(lab) is None


def test_confirmed(make_lab, builddir, tmp_path):
    """ucupdates-confirm knows the endpoint, too; otherwise each update would fall back."""
    lab = without_file(make_lab(install_keys={"ConfirmSec": 30}))
    lab.quirks.write_text(as_quirk(lab, OS))
    trial = Machine(lab, builddir, tmp_path).start()
    trial.start_new_version()
    assert trial.tries() == "3"
    result = trial.run()
    assert (result.returncode, result.stdout) == (
        0, "codec: the new firmware is healthy and stays\n"), result.stderr
    assert trial.tries() == ""


def test_hardware_counts_before_the_system(machine):
    lab = machine
    lab.quirks.write_text(as_quirk(lab, OS, UcEndpointName="By system")
                          + as_quirk(lab, hardware_id("ACME"), UcEndpointName="By hardware"))
    lab.start()
    assert list(lab.fwupd.devices()) == ["By hardware"]


def test_another_machine(machine):
    machine.quirks.write_text(as_quirk(machine, hardware_id("ACME", "ICON 500")))
    machine.start()
    assert machine.fwupd.devices() == {}
    assert "endpoint is disabled" not in machine.fwupd.process.log_text()


def test_a_mistake(machine):
    lab = machine
    lab.quirks.write_text(as_quirk(lab, OS, UcEndpointHardwareLevel="blue"))
    lab.start()
    assert lab.fwupd.devices() == {}
    assert (f"endpoint is disabled: quirk [{OS}]: [Endpoint] HardwareLevel: found 'blue', expected "
            "a number from 0 to 65535") in lab.fwupd.process.log_text()


def test_an_unknown_key(machine):
    lab = machine
    lab.quirks.write_text(as_quirk(lab, OS, UcInstallSlotC="/dev/null"))
    lab.start()
    assert list(lab.fwupd.devices()) == ["ICON 400"]
    assert (f"quirk [{OS}]: [Install] SlotC is not known and has no effect"
            in lab.fwupd.process.log_text())


def test_a_file_counts_before_the_quirk(machine):
    """With the same Id; also one that comes and goes while the daemon runs. A file with another Id,
    here a child, stands beside the quirk."""
    lab = machine
    lab.quirks.write_text(as_quirk(lab, OS, UcEndpointName="Quirk"))
    child = lab.endpoint.config().replace("Id=codec", "Id=mic\nParent=codec")
    lab.endpoint.conf.with_name("mic.conf").write_text(child.replace("Name=ICON 400", "Name=Mic"))
    lab.start()
    assert sorted(lab.fwupd.devices()) == ["Mic", "Quirk"]
    assert "Name=Quirk\n" in published(lab)
    lab.endpoint.write_config()
    wait_for(lambda: sorted(lab.fwupd.devices()) == ["ICON 400", "Mic"], DEADLINE_SECS, "the file")
    wait_for(lambda: published(lab) is None, DEADLINE_SECS, "the agent to see the file alone")
    lab.endpoint.conf.unlink()
    wait_for(lambda: sorted(lab.fwupd.devices()) == ["Mic", "Quirk"], DEADLINE_SECS, "the quirk")
    wait_for(lambda: published(lab), DEADLINE_SECS, "the agent to see the quirk again")
    devices = lab.fwupd.devices()
    assert devices["Mic"]["ParentDeviceId"] == devices["Quirk"]["DeviceId"]
    assert "endpoint is disabled" not in lab.fwupd.process.log_text()
