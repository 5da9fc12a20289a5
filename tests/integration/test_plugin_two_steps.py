# SPDX-License-Identifier: LGPL-2.1-or-later
"""Updater, restart, application: whatever is asked for first, through the real fwupdmgr."""

import pytest

from uclab import bind, cab

REQUIRES = '<firmware compare="ge" version="2.0">bootloader</firmware>'
UPDATER = """[Endpoint]
Id=codec-updater
Parent=codec
Name=ICON 400 updater
DeviceType=updater
Vendor=acme
Model=icon400-updater
VersionFile={version}

[Install]
Type=file
Target={target}
Restart=yes
"""


class TwoSteps:
    def __init__(self, make_lab, directory):
        self.target, self.version = directory / "updater.bin", directory / "updater-version"
        self.target.write_bytes(b"old\n")
        self.version.write_text("1.0\n")
        self.directory = directory
        self.lab = make_lab(UpdaterVersionFile=self.version)
        self.lab.endpoint.conf.with_name("updater.conf").write_text(
            UPDATER.format(version=self.version, target=self.target))
        self.lab.start()

    def application(self):
        lab = self.lab
        path = lab.endpoint.make_bind("1.1.0", (2,))
        return cab.make(path.with_name("application.cab"), "1.1.0", path,
                        lab.endpoint.guids((2,)), lab.authority, requires=REQUIRES)

    def updater(self):
        path = bind.write(self.directory / "updater.ucbind", b"new\n", vendor="acme",
                          models=["icon400-updater"], version="2.0", hardware_levels=[])
        return cab.make(self.directory / "updater.cab", "2.0", path,
                        [bind.guid(r"UC\VEN_acme&MODEL_icon400-updater")], self.lab.authority,
                        appid="com.acme.icon400.updater")

    def restart(self):
        self.lab.fwupd.stop()
        if self.target.read_bytes() == b"new\n":
            self.version.write_text("2.0\n")
        self.lab.endpoint.restart()
        self.lab.fwupd.start()


@pytest.fixture(name="two")
def fixture_two(make_lab, tmp_path):
    return TwoSteps(make_lab, tmp_path)


def test_updater_restart_application(two):
    lab, application = two.lab, two.application()
    devices = lab.fwupd.devices()
    parent, child = devices["ICON 400"], devices["ICON 400 updater"]
    assert parent["VersionBootloader"] == "1.0"
    assert child["ParentDeviceId"] == parent["DeviceId"]
    assert child["Icons"] == ["drive-harddisk-solidstate"]
    before = lab.endpoint.fingerprint()

    # the application first: not yet
    rc, text = lab.install(application)
    assert rc != 0
    assert "Not compatible with bootloader version 1.0, requires >= 2.0" in text

    rc, text = lab.install(two.updater())
    assert rc == 0, text
    assert "needs-reboot" in lab.fwupd.devices()["ICON 400 updater"]["Flags"]

    # its version says that it is there, but it has not run yet
    two.version.write_text("2.0\n")
    lab.fwupd.restart()
    for options in ((), ("--force",)):
        rc, text = lab.install(application, *options)
        assert rc != 0
        assert ("ICON 400 updater is updated first, which ends with a restart; restart, then "
                "install this again") in text
    assert lab.endpoint.fingerprint() == before

    two.restart()
    devices = lab.fwupd.devices()
    assert devices["ICON 400"]["VersionBootloader"] == "2.0"
    assert devices["ICON 400 updater"]["Version"] == "2.0"
    rc, text = lab.install(application)
    assert rc == 0, text
    assert lab.activate()[0] == 0
    two.restart()
    assert lab.device()["Version"] == "1.1.0"


def test_other_children_do_not_wait(two):
    """A microphone with an update of its own keeps nobody from the application."""
    conf = two.lab.endpoint.conf.with_name("updater.conf")
    two.lab.fwupd.stop()
    conf.write_text(conf.read_text().replace("DeviceType=updater", "DeviceType=microphone"))
    two.lab.fwupd.start()
    assert two.lab.install(two.updater())[0] == 0
    assert "needs-reboot" in two.lab.fwupd.devices()["ICON 400 updater"]["Flags"]
    rc, text = two.lab.install(two.lab.package("1.1.0"))
    assert rc == 0, text
