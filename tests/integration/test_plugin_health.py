# SPDX-License-Identifier: LGPL-2.1-or-later
"""A boot is confirmed, or it is not: the real fwupd, ucupdates-confirm, the tools of GRUB and U-Boot;
systemd's part on the bus and systemctl are stand-ins."""

import os
import pathlib
import shutil
import subprocess

import pytest

from uclab.confirm import Confirm
from uclab.process import run, wait_for, write_program

PENDING, SUCCESS, FAILED = 1, 2, 3
SOURCES = pathlib.Path(__file__).resolve().parents[2]
SNIPPET = SOURCES / "data/grub-ucupdates.cfg"


class Machine(Confirm):
    """A lab whose endpoint confirms its starts."""

    def start(self):
        self.lab.start()
        self.start_systemd()
        return self

    def start_new_version(self, version="1.1.0"):
        """Installed, activated, restarted: a trial."""
        rc, text = self.lab.install(self.lab.package(version))
        assert rc == 0, text
        rc, text = self.lab.activate()
        assert rc == 0, text
        assert self.lab.restart() == "B"
        assert self.lab.endpoint.running_version() == version

    def tries(self):
        listed = run(["grub-editenv", self.lab.endpoint.grubenv, "list"], check=True).stdout
        return dict(line.split("=", 1) for line in listed.splitlines()).get("uc_slot_tries")


@pytest.fixture
def make_machine(make_lab, builddir, tmp_path):
    def make(**keys):
        lab = make_lab(install_keys={"ConfirmSec": 30, **keys})
        return Machine(lab, builddir, tmp_path).start()
    return make


def test_confirmed(make_machine, tmp_path):
    health = write_program(tmp_path / "health", f"test -e {tmp_path}/healthy")
    (tmp_path / "healthy").touch()
    machine = make_machine(Health=health)
    lab = machine.lab
    result = machine.run()
    assert (result.returncode, result.stdout, result.stderr) == (0, "", ""), "no trial yet"
    machine.start_new_version()
    assert machine.tries() == "3"
    device = lab.device()
    assert device["Version"] == "1.1.0"
    assert not {"needs-reboot", "needs-activation"} & set(device["Flags"])
    assert lab.history()["UpdateState"] == PENDING

    result = machine.run()
    assert (result.returncode, result.stdout) == (
        0, "codec: the new firmware is healthy and stays\n"), result.stderr
    assert machine.tries() == ""
    assert lab.endpoint.boots_next() == "B"
    assert machine.restart_count() == 0
    lab.fwupd.restart()
    assert lab.history()["UpdateState"] == SUCCESS
    assert lab.install(lab.package("1.2.0"))[0] == 0


def test_nothing_is_installed_during_a_trial(make_machine):
    """The old version is what it goes back to, so nothing may take its place."""
    machine = make_machine()
    lab = machine.lab
    machine.start_new_version()
    fingerprint = lab.endpoint.fingerprint()
    rc, text = lab.install(lab.package("1.2.0"), "--force")
    assert rc != 0
    assert ("version 1.1.0 was started from slot B and its health is not confirmed yet; try again "
            "in 30 s") in text
    assert lab.endpoint.fingerprint() == fingerprint


def test_daemon_takes_notice(make_machine):
    """Confirmed while fwupd runs: it ends, and whoever asks it next finds a success."""
    machine = make_machine()
    machine.start_new_version()
    fwupd = machine.lab.fwupd
    assert machine.lab.history()["UpdateState"] == PENDING
    assert machine.run().returncode == 0
    wait_for(lambda: fwupd.process.poll() is not None, 30, "the end of the daemon")
    fwupd.restart()  # as the bus would
    assert machine.lab.history()["UpdateState"] == SUCCESS
    assert machine.lab.install(machine.lab.package("1.2.0"))[0] == 0


def test_daemon_that_cannot_be_asked(make_machine):
    """One that hangs holds up the confirmation for two seconds only, and sees it when it goes on; it
    does not end then, as who asked for that is gone."""
    machine = make_machine()
    machine.start_new_version()
    fwupd = machine.lab.fwupd
    fwupd.process.freeze()
    assert machine.run().returncode == 0
    fwupd.process.thaw()
    wait_for(lambda: "success" in machine.lab.state_file().read_text(), 30, "the daemon")
    fwupd.restart()
    assert machine.lab.history()["UpdateState"] == SUCCESS


def test_not_healthy(make_machine, tmp_path):
    health = write_program(tmp_path / "health", "echo no microphone; exit 1")
    machine = make_machine(Health=health, ConfirmSec=1)
    lab = machine.lab
    package = lab.package("1.1.0")
    machine.start_new_version()
    result = machine.run()
    assert result.returncode == 1
    complaint = f"not healthy within 1 s: {health} failed: no microphone"
    assert result.stderr == (
        f"codec: {complaint}; the machine restarts into what ran before\n")
    assert machine.restart_count() == 1
    assert lab.endpoint.boots_next() == "A"
    assert machine.tries() == ""

    # fwupd may start once more before the machine is down
    lab.fwupd.restart()
    assert lab.history()["UpdateState"] == PENDING
    assert lab.restart() == "A"
    assert lab.device()["Version"] == "1.0.0"
    assert not {"needs-reboot", "needs-activation"} & set(lab.device()["Flags"])
    row = lab.history()
    assert row["UpdateState"] == FAILED
    assert row["UpdateError"] == (
        "version 1.1.0 in slot B was activated, but after the restart version 1.0.0 in slot A "
        f"runs: {complaint}")
    assert machine.run().returncode == 0, "the old version needs no confirmation"
    package = lab.endpoint.slots["B"].read_bytes()[:65536]
    rc, text = lab.install(lab.package("1.1.0", payload=package))
    assert rc != 0
    assert "this firmware was started once and fell back; use --force to try again" in text


def test_becomes_healthy(make_machine, tmp_path):
    """Services need their time: asked again until ConfirmSec is over."""
    health = write_program(
        tmp_path / "health", f"test -e {tmp_path}/asked && exit 0; touch {tmp_path}/asked; exit 1")
    machine = make_machine(Health=health, ConfirmSec=20)
    machine.start_new_version()
    assert machine.run().returncode == 0
    assert machine.tries() == ""


def test_boot_complete_is_waited_for(make_machine):
    machine = make_machine()
    machine.start_new_version()
    machine.boot_complete.write_text("inactive\n")
    process = subprocess.Popen([machine.program], env={**os.environ, **machine.env()})
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert machine.tries() == "3"
        machine.boot_complete.write_text("active\n")
        assert process.wait(20) == 0
        assert machine.tries() == ""
    finally:
        process.kill()
        process.wait()


def test_boot_is_never_complete(make_machine, tmp_path):
    health = write_program(tmp_path / "health", f"touch {tmp_path}/asked")
    machine = make_machine(ConfirmSec=1, Health=health)
    machine.boot_complete.write_text("inactive\n")
    machine.start_new_version()
    result = machine.run()
    assert result.returncode == 1
    assert "not healthy within 1 s: boot-complete.target was not reached" in result.stderr
    assert machine.restart_count() == 1
    assert machine.lab.endpoint.boots_next() == "A"
    assert not (tmp_path / "asked").exists()


def test_without_a_trial_nothing_restarts(make_machine, tmp_path):
    """Neither a sick program nor a broken file restarts a machine that runs what it always ran."""
    machine = make_machine(Health=write_program(tmp_path / "health", "exit 1"), ConfirmSec=1)
    assert machine.run().returncode == 0
    machine.lab.endpoint.grubenv.write_bytes(b"")
    result = machine.run()
    assert result.returncode == 1
    assert result.stderr.startswith("codec: whether new firmware runs cannot be told: ")
    machine.lab.endpoint.write_config("[Endpoint]\nId=codec\n")
    assert machine.run().returncode == 1
    assert machine.restart_count() == 0
    assert run([machine.program, "x"], env=machine.env()).returncode == 2


WRONG = [
    ({"Health": "health"}, "[Install] Health: found 'health', expected an absolute path"),
    ({"ConfirmSec": "0"}, "[Install] ConfirmSec: found '0', expected a number from 1 to 3600"),
    ({"ConfirmSec": "3601"},
     "[Install] ConfirmSec: found '3601', expected a number from 1 to 3600"),
]


@pytest.mark.parametrize("keys,sentence", WRONG)
def test_wrong_keys(make_lab, keys, sentence):
    lab = make_lab(install_keys=keys).start()
    assert lab.fwupd.devices() == {}
    assert sentence in lab.fwupd.process.log_text()


def grub_starts(grubenv, directory):
    """What GRUB's own interpreter makes of the snippet: (slot, tries) after one start."""
    disk, device_map = directory / "disk", directory / "device.map"
    root = directory / "root"
    (root / "boot/grub").mkdir(parents=True, exist_ok=True)
    shutil.copy(grubenv, root / "boot/grub/grubenv")
    (root / "boot/grub/grub.cfg").write_text(
        SNIPPET.read_text() + 'echo "slot=[$uc_slot] tries=[$uc_slot_tries]"\nexit\n')
    disk.unlink(missing_ok=True)
    run(["mkfs.ext2", "-q", "-d", root, disk, "4M"], check=True)
    device_map.write_text(f"(hd0) {disk}\n")
    result = run(["script", "-qec", f"grub-emu -m {device_map} -d /boot/grub -r hd0", "/dev/null"],
                 env={"TERM": "dumb"}, timeout_secs=30)
    run(["debugfs", "-R", f"dump /boot/grub/grubenv {grubenv}", disk], check=True)
    found = [line for line in result.stdout.splitlines() if "slot=[" in line]
    assert found, result.stdout
    return found[-1].partition("slot=[")[2].replace("] tries=[", " ").partition("]")[0]


def test_grub_counts(make_machine, tmp_path):
    """Three starts that nobody confirms, then the other slot, by GRUB itself."""
    machine = make_machine()
    grubenv = machine.lab.endpoint.grubenv
    assert grub_starts(grubenv, tmp_path) == "A "
    machine.start_new_version()
    assert [grub_starts(grubenv, tmp_path) for _ in range(5)] == [
        "B 2", "B 1", "B 0", "A ", "A "]
    assert machine.lab.endpoint.boots_next() == "A"


def test_grub_confirmed(make_machine, tmp_path):
    machine = make_machine()
    grubenv = machine.lab.endpoint.grubenv
    machine.start_new_version()
    assert grub_starts(grubenv, tmp_path) == "B 2"
    assert machine.run().returncode == 0
    assert [grub_starts(grubenv, tmp_path) for _ in range(4)] == ["B "] * 4


def test_grub_snippet():
    result = run(["grub-script-check", SNIPPET])
    assert result.returncode == 0, result.stderr


def test_uboot(make_machine, tmp_path):
    config, defaults = tmp_path / "fw_env.config", tmp_path / "defaults"
    copies = [tmp_path / "env-1", tmp_path / "env-2"]
    for copy in copies:
        copy.write_bytes(bytes(0x4000))
    config.write_text("".join(f"{copy} 0x0000 0x4000\n" for copy in copies))
    defaults.write_text("kept=yes\nuc_slot=A\nbootcount=7\n")
    run(["fw_setenv", "-c", config, "-f", defaults, "uc_slot", "A"], check=True)

    def variables():
        listed = run(["fw_printenv", "-c", config], check=True).stdout
        return dict(line.split("=", 1) for line in listed.splitlines())

    machine = make_machine(Boot="uboot", UBootConfig=config)
    machine.lab.endpoint.set_boots_next("B")
    machine.start_new_version()
    assert variables() == {"kept": "yes", "uc_slot": "B", "upgrade_available": "1",
                           "bootcount": "0"}
    assert machine.run().returncode == 0
    assert variables() == {"kept": "yes", "uc_slot": "B", "upgrade_available": "0",
                           "bootcount": "0"}


def test_boot_command(make_machine, tmp_path):
    state = tmp_path / "boot"
    state.write_text("A\n")
    program = write_program(tmp_path / "bootctl", f"""case $1 in
get) head -n 1 {state} ;;
trial) tail -n +2 {state} ;;
try) printf '%s\\nyes\\n' "$2" >{state} ;;
set) echo "$2" >{state} ;;
esac""")
    machine = make_machine(Boot="command", BootProgram=program)
    machine.lab.endpoint.set_boots_next("B")
    machine.start_new_version()
    assert state.read_text() == "B\nyes\n"
    assert machine.run().returncode == 0
    assert state.read_text() == "B\n"


def test_unit():
    unit = pathlib.Path(os.environ["UC_BUILDDIR"]) / "confirm/ucupdates-confirm.service"
    text = unit.read_text()
    program = pathlib.Path(os.environ["UC_BUILDDIR"]) / "confirm/ucupdates-confirm"
    installed = next(line for line in text.splitlines()
                     if line.startswith("ExecStart=")).partition("=")[2]
    copy = pathlib.Path("/run") / "ucupdates-confirm.service"
    copy.write_text(text.replace(installed, str(program)))
    try:
        result = run(["systemd-analyze", "verify", "--man=no", copy])
    finally:
        copy.unlink()
    assert "ucupdates-confirm.service" not in result.stderr, result.stderr
