# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installers beside two slots with GRUB, through the real fwupdmgr: one file, a vendor's program,
and two slots with a vendor's program as boot control."""

import hashlib
import os
import pathlib
import shutil
import time

import pytest

from uclab.process import run, write_program

PENDING, SUCCESS, FAILED = 1, 2, 3


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "target"
    path.write_bytes(b"1.0.0\nold\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def file_lab(make_lab, target):
    def make(**keys):
        return make_lab(VersionFile=target,
                        install_keys={"Type": "file", "Target": target, **keys}).start()
    return make


def test_file(file_lab, target):
    lab = file_lab()
    lab.endpoint.version_file = target
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert target.read_bytes() == b"1.1.0\nnew\n"
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in target.parent.iterdir()) == ["target"]
    device = lab.device()
    assert device["Version"] == "1.1.0"
    assert not {"needs-activation", "needs-reboot"} & set(device["Flags"])
    assert lab.history()["UpdateState"] == SUCCESS


def test_file_with_restart(file_lab, target):
    lab = file_lab(Restart="yes", **{})
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert "needs-reboot" in lab.device()["Flags"]
    lab.restart()
    assert "needs-reboot" not in lab.device()["Flags"]
    assert lab.history()["UpdateState"] == SUCCESS


@pytest.mark.parametrize("replaced", [True, False])
def test_file_cut_off(make_lab, target, tmp_path, replaced):
    """The power fails just after, or just before, the new content takes the place of the old one:
    the target says which it is, and a restart is due only if it is the new one."""
    version = tmp_path / "version"
    version.write_text("1.0.0\n")
    old = target.read_bytes()
    lab = make_lab(VersionFile=version,
                   install_keys={"Type": "file", "Target": target, "Restart": "yes"}).start()
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert lab.history()["UpdateState"] == PENDING
    lab.fwupd.kill()
    state = lab.state_file().read_text()
    assert "[Replacing]" not in state
    lab.state_file().write_text(state.replace("[Activated]", "[Replacing]"))
    if not replaced:
        target.write_bytes(old)
    lab.fwupd.start()
    assert ("needs-reboot" in lab.device()["Flags"]) == replaced
    assert "[Replacing]" not in lab.state_file().read_text()
    assert ("[Activated]" in lab.state_file().read_text()) == replaced
    if not replaced:
        rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
        assert rc == 0, text
    version.write_text("1.1.0\n")
    lab.restart()
    assert "needs-reboot" not in lab.device()["Flags"]
    assert lab.history()["UpdateState"] == SUCCESS


def test_file_without_room(file_lab, target, tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", room], check=True)
    try:
        small = room / "target"
        small.write_bytes(b"1.0.0\n")
        lab = file_lab(Target=small)
        rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\n" + bytes(100000)))
        assert rc != 0
        assert ("the new content, beside which the old one is kept until it is verified, needs "
                f"100006 bytes, but in {room} only ") in text
        assert small.read_bytes() == b"1.0.0\n"
        lab.stop()
    finally:
        run(["umount", room], check=True)


@pytest.fixture
def command_lab(make_lab, target, tmp_path):
    def make(body, **keys):
        path = write_program(tmp_path / "program", body.format(target=target, out=tmp_path))
        return make_lab(VersionFile=target,
                        install_keys={"Type": "command", "Program": path, **keys}).start()
    return make


def test_command(command_lab, target, tmp_path):
    lab = command_lab("""cat >{target}; env >{out}/env; echo progress 50; echo hello
echo progress 100; echo result done""")
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert target.read_bytes() == b"1.1.0\nnew\n"
    assert lab.device()["Version"] == "1.1.0"
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD"} == {"PATH", "LC_ALL", "UC_ENDPOINT",
                                                      "UC_VERSION", "UC_SHA256", "UC_SIZE"}


def test_command_stages(command_lab, target):
    lab = command_lab("""case $1 in write) cat >{out}/staged; echo result staged ;;
activate) mv {out}/staged {target}; echo result restart ;; esac""")
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert "needs-activation" in lab.device()["Flags"]
    assert target.read_bytes() == b"1.0.0\nold\n"
    lab.fwupd.restart()
    assert "needs-activation" in lab.device()["Flags"]
    rc, text = lab.activate()
    assert rc == 0, text
    assert "needs-reboot" in lab.device()["Flags"]
    lab.restart()
    assert lab.device()["Version"] == "1.1.0"
    assert lab.history()["UpdateState"] == SUCCESS


FAILURES = [
    ("complains", "cat >/dev/null; echo error the flash is worn out; exit 1",
     "failed: the flash is worn out"),
    ("no reason", "exit 3", "failed: it gave no reason"),
    ("no result", "cat >/dev/null", "ended without a result, expected 'result done', 'result "
     "restart' or 'result staged'"),
    ("a long line", "head -c 3000 /dev/zero | tr '\\0' x; echo; echo result done",
     "failed: it said more than 10000 lines of 1024 bytes"),
    ("a line without an end", "head -c 50000000 /dev/zero; sleep 300",
     "failed: it said more than 10000 lines of 1024 bytes"),
]


@pytest.mark.parametrize("name,body,sentence", FAILURES, ids=[row[0] for row in FAILURES])
def test_command_fails(command_lab, target, tmp_path, name, body, sentence):
    lab = command_lab(body)
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert f"{tmp_path}/program {sentence}" in text
    assert not {"needs-activation", "needs-reboot"} & set(lab.device()["Flags"])


def test_command_hangs(command_lab, tmp_path):
    """Killed with all that it started, which holds its output."""
    lab = command_lab("sleep 300 & echo $! >{out}/pid; sleep 300", TimeoutSec=1)
    start = time.monotonic()
    rc, text = lab.install(lab.package("1.1.0"))
    assert rc != 0
    assert f"{tmp_path}/program did not end within 1 s and was killed" in text
    assert time.monotonic() - start < 20
    pid = int((tmp_path / "pid").read_text())
    state = run(["ps", "-o", "stat=", "-p", str(pid)]).stdout.strip()
    assert state[:1] in ("", "Z"), state


def stage_and_activate(lab, boots_next):
    assert lab.install(lab.package("1.1.0"))[0] == 0
    assert boots_next() == "A"
    rc, text = lab.activate()
    assert rc == 0, text
    assert boots_next() == "B"
    assert lab.install(lab.package("1.2.0"))[0] == 0
    assert boots_next() == "A", "the activation is taken back before writing"


def test_boot_command(make_lab, tmp_path):
    slot = tmp_path / "slot"
    slot.write_text("A\n")
    path = write_program(tmp_path / "boot", f"""case $1 in get) cat {slot} ;;
set) echo "$2" >{slot}.new; sync {slot}.new; mv {slot}.new {slot} ;; esac""")
    lab = make_lab(install_keys={"Boot": "command", "BootProgram": path}).start()
    stage_and_activate(lab, lambda: slot.read_text().strip())


def test_boot_command_that_lies(make_lab, tmp_path):
    path = write_program(tmp_path / "boot", "echo A")
    lab = make_lab(install_keys={"Boot": "command", "BootProgram": path}).start()
    assert lab.install(lab.package("1.1.0"))[0] == 0
    rc, text = lab.activate()
    assert rc != 0
    assert "the boot loader was told to start slot B next, but has 'A'" in text
    assert "needs-activation" in lab.device()["Flags"]


def test_state_inside_a_slot(make_lab, tmp_path):
    """A slot that holds the file system with the state: after a restart nobody would know."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("e2fsprogs is not installed")
    disk, room = tmp_path / "disk", tmp_path / "room"
    room.mkdir()
    disk.write_bytes(bytes(1 << 22))
    device = run(["losetup", "--find", "--show", disk]).stdout.strip()
    if not device or not os.path.exists(device):
        pytest.skip("no loop device")
    try:
        run(["mkfs.ext4", "-q", device], check=True)
        run(["mount", device, room], check=True)
        lab = make_lab(install_keys={"SlotA": device})
        shutil.move(lab.fwupd.localstate, room / "var")
        lab.fwupd.localstate = room / "var"
        lab.start()
        assert lab.fwupd.devices() == {}
        assert (f"the state directory {room}/var/lib/fwupd/uc-endpoint lies in slot A ({device}), "
                "expected it on a partition outside of both slots"
                in lab.fwupd.process.log_text())
        lab.stop()
    finally:
        run(["umount", room])
        run(["losetup", "--detach", device])


@pytest.fixture
def partition(tmp_path):
    """A loop device of 1 MiB with the old version."""
    disk = tmp_path / "partition-disk"
    disk.write_bytes((b"1.0.0\nold\n").ljust(1 << 20, b"\xff"))
    device = run(["losetup", "--find", "--show", disk]).stdout.strip()
    if not device or not os.path.exists(device):
        pytest.skip("no loop device")
    yield pathlib.Path(device)
    run(["losetup", "--detach", device], check=True)


def kept_file(lab):
    return lab.state_file().with_suffix(".old")


def digest(content):
    """Of bytes that would be too many to show."""
    return hashlib.sha256(content).hexdigest()


def partition_lab(make_lab, partition, tmp_path):
    """What runs says its version elsewhere, as it is not known while a partition is half written."""
    version = tmp_path / "version"
    version.write_text("1.0.0\n")
    return make_lab(VersionFile=version,
                    install_keys={"Type": "file", "Target": partition, "Restart": "yes"})


def test_partition(make_lab, partition, tmp_path):
    lab = partition_lab(make_lab, partition, tmp_path).start()
    old, new = partition.read_bytes(), b"1.1.0\n" + bytes(70000)
    rc, text = lab.install(lab.package("1.1.0", payload=new))
    assert rc == 0, text
    assert digest(partition.read_bytes()) == digest(new + old[len(new):]), "and nothing else changes"
    assert not kept_file(lab).exists()
    assert "needs-reboot" in lab.device()["Flags"]
    (tmp_path / "version").write_text("1.1.0\n")
    lab.restart()
    assert lab.device()["Version"] == "1.1.0"
    assert lab.history()["UpdateState"] == SUCCESS
    rc, text = lab.install(lab.package("1.2.0", payload=b"1.2.0\n" + bytes(1 << 20)))
    assert rc != 0
    assert f"firmware has 1048582 bytes, {partition} only 1048576" in text
    lab.stop()


def test_partition_after_a_power_cut(make_lab, partition, tmp_path):
    """What the partition had is put back at the next start of the daemon."""
    lab = partition_lab(make_lab, partition, tmp_path)
    old = digest(partition.read_bytes())
    kept_file(lab).parent.mkdir(parents=True)
    kept_file(lab).write_bytes(partition.read_bytes()[:4096])
    with open(partition, "r+b") as stream:
        stream.write(b"half of some new version")
    lab.start()
    assert lab.device()["Version"] == "1.0.0"
    assert digest(partition.read_bytes()) == old
    assert not kept_file(lab).exists()
    lab.stop()


def test_partition_without_room(make_lab, partition, tmp_path):
    """Where the old content cannot be kept nothing is written."""
    lab = partition_lab(make_lab, partition, tmp_path)
    directory = kept_file(lab).parent
    directory.mkdir(parents=True)
    run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", directory], check=True)
    try:
        lab.start()
        before = digest(partition.read_bytes())
        rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\n" + bytes(100000)))
        assert rc != 0
        # 64 KiB of them for the state beside it
        assert ("what the partition has now, and keeps until the new content is verified, needs "
                f"{100006 + 65536} bytes, but in {directory} only ") in text
        assert digest(partition.read_bytes()) == before
        lab.stop()
    finally:
        run(["umount", directory], check=True)


def test_mounted_partition(make_lab, partition, tmp_path):
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("e2fsprogs is not installed")
    room = tmp_path / "room"
    room.mkdir()
    run(["mkfs.ext4", "-q", "-F", partition], check=True)
    run(["mount", "-o", "ro", partition, room], check=True)
    try:
        lab = partition_lab(make_lab, partition, tmp_path).start()
        before = digest(partition.read_bytes())
        rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\n" + bytes(70000)))
        assert rc != 0
        assert f"slot {partition} could not be opened: Device or resource busy" in text
        assert digest(partition.read_bytes()) == before
        lab.stop()
    finally:
        run(["umount", room], check=True)
