# SPDX-License-Identifier: LGPL-2.1-or-later
"""A symbolic link as the target of Type=file: it stays, and what it points to is written, unless
somebody else than root could lead it elsewhere."""

import os

import pytest

from test_plugin_installers import kept_file, partition  # noqa: F401

NEW = b"1.1.0\nnew\n"
NOBODY = 65534


@pytest.fixture(name="machine")
def fixture_machine(make_lab, tmp_path):
    """What the target may be is made by the test, in a directory of its own."""
    directory = tmp_path / "machine"
    directory.mkdir()
    (tmp_path / "version").write_text("1.0.0\n")
    lab = make_lab(VersionFile=tmp_path / "version", install_keys={
        "Type": "file", "Target": directory / "firmware", "Restart": "yes"})
    lab.machine, lab.target = directory, directory / "firmware"
    return lab


def install(lab):
    return lab.install(lab.package("1.1.0", payload=NEW))


def names(directory):
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def test_links_to_a_file(machine):
    """Two links, a relative one and an absolute one."""
    data = machine.machine / "data"
    data.mkdir()
    (data / "firmware-1").write_bytes(b"1.0.0\nold\n")
    (data / "firmware-1").chmod(0o640)
    (machine.machine / "current").symlink_to("data/firmware-1")
    machine.target.symlink_to(machine.machine / "current")
    machine.start()
    before = names(machine.machine)
    rc, text = install(machine)
    assert rc == 0, text
    assert names(machine.machine) == before
    assert machine.target.is_symlink() and (machine.machine / "current").is_symlink()
    assert (data / "firmware-1").read_bytes() == NEW
    assert (data / "firmware-1").stat().st_mode & 0o777 == 0o640


def test_link_to_a_partition(machine, partition):  # noqa: F811
    """As /dev/disk/by-partlabel has them."""
    old = partition.read_bytes()
    machine.target.symlink_to(os.path.relpath(partition, machine.machine))
    machine.start()
    rc, text = install(machine)
    assert rc == 0, text
    assert machine.target.is_symlink()
    assert partition.read_bytes() == NEW + old[len(NEW):]
    assert not kept_file(machine).exists()
    machine.stop()


def dangling(directory):
    (directory / "firmware").symlink_to("firmware-2")
    return f"{directory}/firmware is a link to {directory}/firmware-2, which is not there"


def circle(directory):
    (directory / "firmware").symlink_to("other")
    (directory / "other").symlink_to("firmware")
    return f"{directory}/firmware is a link to a link, and so on; expected at most 8 links"


def in_a_directory_of_all(directory):
    (directory / "passwd").write_text("root\n")
    (directory / "all").mkdir()
    (directory / "all").chmod(0o777)
    (directory / "all/link").symlink_to("../passwd")
    (directory / "firmware").symlink_to("all/link")
    return (f"{directory}/all/link is in a directory that everybody may write to; take that right "
            f"away from {directory}/all")


def file_in_a_directory_of_all(directory):
    (directory / "firmware").write_text("old\n")
    directory.chmod(0o777)
    return (f"{directory}/firmware is in a directory that everybody may write to; take that right "
            f"away from {directory}")


def of_somebody_else(directory):
    """As a user makes it in /tmp, or in a home of their own."""
    (directory / "passwd").write_text("root\n")
    (directory / "firmware").symlink_to("passwd")
    os.chown(directory / "firmware", NOBODY, NOBODY, follow_symlinks=False)
    directory.chmod(0o1777)
    return f"{directory}/firmware is a link of the user {NOBODY}, expected one of root"


def to_a_directory(directory):
    (directory / "data").mkdir()
    (directory / "firmware").symlink_to("data")
    return f"{directory}/data is no regular file and no partition"


@pytest.mark.parametrize("make", [dangling, circle, in_a_directory_of_all,
                                  file_in_a_directory_of_all, of_somebody_else, to_a_directory],
                         ids=lambda make: make.__name__)
def test_refused(machine, make):
    sentence = make(machine.machine)
    machine.start()
    before = names(machine.machine)
    rc, text = install(machine)
    assert rc != 0
    assert sentence in text, text
    assert names(machine.machine) == before
    for path in machine.machine.rglob("*"):
        assert path.is_dir() or not path.exists() or path.read_bytes() != NEW


def test_what_was_there_before_has_no_place(machine):
    """A write that was cut off, and the partition's link is gone: it does not go elsewhere."""
    machine.target.symlink_to("gone")
    kept_file(machine).parent.mkdir(parents=True)
    kept_file(machine).write_bytes(b"old")
    machine.start()
    assert machine.fwupd.devices() == {}
    assert (f"what was there before cannot be put back from {kept_file(machine)}: "
            f"{machine.target} is a link to {machine.machine}/gone, which is not there"
            ) in machine.fwupd.process.log_text()
    assert kept_file(machine).read_bytes() == b"old"
