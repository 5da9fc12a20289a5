# SPDX-License-Identifier: LGPL-2.1-or-later
"""Vendors who ship no endpoint file: a quirk makes the endpoint, found by DMI or by os-release."""

import hashlib
import uuid

import pytest

from test_plugin_bind import refuse

from uclab.process import wait_for

DEADLINE_SECS = 60
HARDWARE_IDS = uuid.UUID("70ffd812-4c7f-4c7d-0000-000000000000")
OS = r"UC\OS_acmeos&VARIANT_icon400"


def hardware_id(*values):
    """The GUID of a combination of DMI values, as `fwupdtool hwids` prints it."""
    name = "&".join(values).encode("utf-16-le")
    digest = hashlib.sha1(HARDWARE_IDS.bytes + name).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def as_quirk(lab, group, **changes):
    """The lab's endpoint file, as a quirk."""
    lines, prefix = [f"[{group}]", "Plugin = uc_endpoint"], None
    for line in lab.endpoint.config().splitlines():
        if line.startswith("["):
            prefix = "Uc" + line.strip("[]")
        else:
            key, _, value = line.partition("=")
            lines.append(f"{prefix}{key} = {changes.pop(prefix + key, value)}")
    lines += [f"{key} = {value}" for key, value in changes.items()]
    return "\n".join(lines) + "\n"


@pytest.fixture
def machine(make_lab):
    """A lab without an endpoint file, on a machine that DMI and os-release say something about."""
    lab = make_lab()
    lab.endpoint.conf.unlink()
    lab.dmi = lab.directory / "dmi"
    lab.dmi.mkdir()
    (lab.dmi / "sys_vendor").write_text("ACME\n")
    (lab.dmi / "product_name").write_text("ICON 400\n")
    (lab.dmi / "product_serial").write_text("DMI0001\n")
    (lab.fwupd.sysconf / "os-release").write_text("ID=acmeos\nVARIANT_ID=icon400\n")
    lab.fwupd.extra_env["FWUPD_SYSFSDMIDIR"] = str(lab.dmi)
    lab.quirks = lab.fwupd.localstate / "lib/fwupd/quirks.d/acme.quirk"
    lab.quirks.parent.mkdir()
    return lab


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
    lab.endpoint.write_config()
    wait_for(lambda: sorted(lab.fwupd.devices()) == ["ICON 400", "Mic"], DEADLINE_SECS, "the file")
    lab.endpoint.conf.unlink()
    wait_for(lambda: sorted(lab.fwupd.devices()) == ["Mic", "Quirk"], DEADLINE_SECS, "the quirk")
    devices = lab.fwupd.devices()
    assert devices["Mic"]["ParentDeviceId"] == devices["Quirk"]["DeviceId"]
    assert "endpoint is disabled" not in lab.fwupd.process.log_text()
