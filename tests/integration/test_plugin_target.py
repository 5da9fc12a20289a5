# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing outside the target changes: settings stay what they were, for each kind of installer."""

from test_plugin_installers import kept_file, partition, partition_lab  # noqa: F401
from rauc_lab import needs_rauc, rauc_lab  # noqa: F401

from uclab.endpoint import file_sha256
from uclab.process import write_program


def snapshot(directory):
    """Every file below a directory: its content, mode, owner and number of links."""
    found = {}
    for path in sorted(directory.rglob("*")):
        stat = path.lstat()
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = file_sha256(path)
        else:
            content = None
        found[str(path.relative_to(directory))] = (
            content, stat.st_mode, stat.st_uid, stat.st_gid, stat.st_nlink)
    return found


def changes(before, after):
    return {name for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)}


class Machine:
    """What an endpoint has beside its firmware, all in one directory."""

    def __init__(self, directory):
        self.directory = directory
        for name, text in (("settings/volume", "7\n"), ("settings/accounts.db", "alice\n"),
                           ("data/call-log", "1\n"), ("boot/vmlinuz", "kernel\n")):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (directory / "settings/link").symlink_to("volume")
        (directory / "settings/accounts.db").chmod(0o600)


def test_slots(make_lab, tmp_path):
    machine = Machine(tmp_path / "machine")
    lab = make_lab().start()
    lab_files = lab.endpoint.directory
    cab = lab.package("1.1.0")
    before = snapshot(lab_files), snapshot(machine.directory), snapshot(lab.fwupd.sysconf)
    assert lab.install(cab)[0] == 0
    assert changes(before[0], snapshot(lab_files)) == {"slot-b"}
    assert lab.activate()[0] == 0
    assert changes(before[0], snapshot(lab_files)) == {"slot-b", "grubenv"}
    assert changes(before[1], snapshot(machine.directory)) == set()
    assert changes(before[2], snapshot(lab.fwupd.sysconf)) == set()
    state = lab.state_file().parent
    assert sorted(path.name for path in state.iterdir()) == ["codec.state"]


def test_slot_beyond_the_image(make_lab):
    """A slot that is larger than the image keeps its end, where settings may be."""
    lab = make_lab(slot_size=1 << 20).start()
    with open(lab.endpoint.slots["B"], "r+b") as slot:
        slot.seek(-4096, 2)
        slot.write(b"settings" * 512)
    assert lab.install(lab.package("1.1.0", size=65536))[0] == 0
    data = lab.endpoint.slots["B"].read_bytes()
    assert len(data) == 1 << 20
    assert data[-4096:] == b"settings" * 512


def test_file(make_lab, tmp_path):
    machine = Machine(tmp_path / "machine")
    target = machine.directory / "boot/firmware"
    target.write_bytes(b"1.0.0\nold\n")
    lab = make_lab(VersionFile=target, install_keys={"Type": "file", "Target": target}).start()
    before = snapshot(machine.directory)
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert changes(before, snapshot(machine.directory)) == {"boot/firmware"}


def test_partition(make_lab, partition, tmp_path):  # noqa: F811
    """What is behind the image on the partition stays, and what it had before is not kept."""
    machine = Machine(tmp_path / "machine")
    settings = b"settings" * 512
    with open(partition, "r+b") as device:
        device.seek(-len(settings), 2)
        device.write(settings)
    lab = partition_lab(make_lab, partition, tmp_path).start()
    before = snapshot(machine.directory), snapshot(lab.endpoint.directory)
    image = b"1.1.0\nnew\n" + bytes(65536)
    rc, text = lab.install(lab.package("1.1.0", payload=image))
    assert rc == 0, text
    data = partition.read_bytes()
    assert data.startswith(image) and data.endswith(settings)
    assert changes(before[0], snapshot(machine.directory)) == set()
    packages = {name for name in changes(before[1], snapshot(lab.endpoint.directory))
                if not name.startswith("packages")}
    assert packages == set()
    assert not kept_file(lab).exists()
    lab.stop()


def test_command(make_lab, tmp_path):
    """The program alone decides what it writes; nothing of the image lies anywhere else afterwards."""
    machine = Machine(tmp_path / "machine")
    target = machine.directory / "boot/firmware"
    target.write_bytes(b"1.0.0\nold\n")
    path = write_program(tmp_path / "program", f"cat >{target}; echo result done")
    lab = make_lab(VersionFile=target, install_keys={"Type": "command", "Program": path}).start()
    before = snapshot(machine.directory)
    rc, text = lab.install(lab.package("1.1.0", payload=b"1.1.0\nnew\n"))
    assert rc == 0, text
    assert changes(before, snapshot(machine.directory)) == {"boot/firmware"}
    state = lab.state_file().parent
    assert sorted(path.name for path in state.iterdir()) == ["codec.state"]


@needs_rauc
def test_rauc(rauc_lab, tmp_path):  # noqa: F811
    """The other slot, RAUC's own records, and at activation the boot loader's environment."""
    machine = Machine(tmp_path / "machine")
    it = rauc_lab().start()
    lab = it.lab
    before = snapshot(machine.directory), snapshot(lab.fwupd.sysconf)
    running = lab.endpoint.slot_sha256("A")
    it.stage("1.1.0")
    assert lab.activate()[0] == 0
    assert lab.endpoint.slot_sha256("A") == running
    assert changes(before[0], snapshot(machine.directory)) == set()
    assert changes(before[1], snapshot(lab.fwupd.sysconf)) == set()
    assert it.leftovers() == []


def test_refused(make_lab, tmp_path):
    """An image that is refused changes nothing at all."""
    machine = Machine(tmp_path / "machine")
    lab = make_lab().start()
    cab = lab.package("1.1.0", vendor="contoso")
    before = snapshot(lab.endpoint.directory), snapshot(machine.directory)
    assert lab.install(cab)[0] != 0
    assert (snapshot(lab.endpoint.directory), snapshot(machine.directory)) == before
