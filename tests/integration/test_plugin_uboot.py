# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two slots with U-Boot's environment, through the real fwupdmgr and the programs of libubootenv: two
copies, one of them broken, both, and a disk that cannot be written."""

import shutil

import pytest

from uclab.process import run

SIZE = 0x4000

pytestmark = pytest.mark.skipif(shutil.which("fw_setenv") is None,
                                reason="libubootenv-tool is not installed")


class UBoot:
    """An environment with two copies on a file system of its own, as its own program sees it."""

    def __init__(self, directory):
        self.disk = directory / "flash"
        self.config = directory / "fw_env.config"
        self.copies = [self.disk / "env-1", self.disk / "env-2"]
        self.disk.mkdir()
        run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", self.disk], check=True)
        for copy in self.copies:
            copy.write_bytes(bytes(SIZE))
        self.config.write_text("".join(f"{copy} 0x0000 {SIZE:#x}\n" for copy in self.copies))
        defaults = directory / "defaults"
        defaults.write_text("kept=yes\nuc_slot=A\n")
        run(["fw_setenv", "-c", self.config, "-f", defaults, "uc_slot", "A"], check=True)
        run(["fw_setenv", "-c", self.config, "other", "1"], check=True)  # both copies are whole

    def get(self, name):
        return run(["fw_printenv", "-c", self.config, "-n", name], check=True).stdout.strip()

    def list(self):
        return sorted(run(["fw_printenv", "-c", self.config], check=True).stdout.split())

    def damage(self, copy):
        """Its CRC, in the first bytes, is wrong."""
        content = bytearray(copy.read_bytes())
        content[0] ^= 0xff
        copy.write_bytes(content)

    def set_writable(self, writable):
        run(["mount", "-o", f"remount,{'rw' if writable else 'ro'}", self.disk], check=True)


@pytest.fixture(name="uboot")
def fixture_uboot(tmp_path):
    uboot = UBoot(tmp_path)
    yield uboot
    run(["umount", "--lazy", uboot.disk])


@pytest.fixture(name="lab")
def fixture_lab(make_lab, uboot):
    return make_lab(install_keys={"Boot": "uboot", "UBootConfig": uboot.config}).start()


def stage(lab, version="1.1.0"):
    rc, text = lab.install(lab.package(version))
    assert rc == 0, text
    assert "needs-activation" in lab.device()["Flags"]


def activate(lab):
    rc, text = lab.activate()
    assert rc == 0, text
    assert "needs-reboot" in lab.device()["Flags"]


def test_activate_and_supersede(lab, uboot):
    stage(lab)
    assert uboot.get("uc_slot") == "A"
    activate(lab)
    assert uboot.list() == ["kept=yes", "other=1", "uc_slot=B"], "nothing else has changed"
    stage(lab, "1.2.0")
    assert uboot.get("uc_slot") == "A", "the activation is taken back before writing"
    activate(lab)
    assert uboot.get("uc_slot") == "B"


@pytest.mark.parametrize("number", [0, 1])
def test_one_copy_is_broken(lab, uboot, number):
    """The other one counts, and the broken one is written anew."""
    uboot.damage(uboot.copies[number])
    stage(lab)
    activate(lab)
    assert uboot.list()[0] == "kept=yes"
    assert uboot.get("uc_slot") == "B"


def test_both_copies_are_broken(lab, uboot):
    """Nobody knows what is started next, so that nothing is written."""
    before = lab.endpoint.fingerprint()
    for copy in uboot.copies:
        uboot.damage(copy)
    damaged = [copy.read_bytes() for copy in uboot.copies]
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert "fw_printenv failed: " in text
    assert "needs-activation" not in lab.device()["Flags"]
    assert lab.endpoint.fingerprint() == before
    assert [copy.read_bytes() for copy in uboot.copies] == damaged


def test_cannot_be_written(lab, uboot):
    """What is staged stays staged, the running slot is started next, and later it works."""
    stage(lab)
    uboot.set_writable(False)
    rc, text = lab.activate()
    assert rc != 0
    assert "fw_setenv failed: " in text
    assert uboot.get("uc_slot") == "A"
    flags = set(lab.device()["Flags"])
    assert "needs-activation" in flags and "needs-reboot" not in flags
    lab.fwupd.restart()
    assert "needs-activation" in lab.device()["Flags"]
    uboot.set_writable(True)
    activate(lab)
    assert uboot.get("uc_slot") == "B"
