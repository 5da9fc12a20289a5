# SPDX-License-Identifier: LGPL-2.1-or-later
"""The drop-in for fwupd.service: systemd takes it, and it grants what the programs that the
installers run do, system call by system call."""

import pathlib
import re
import shutil

import pytest

from uclab.process import run

SOURCES = pathlib.Path(__file__).resolve().parents[2]
DROP_IN = SOURCES / "data/fwupd.service.d/ucupdates.conf"
PACKAGED = [pathlib.Path(directory) / "fwupd.service"
            for directory in ("/usr/lib/systemd/system", "/lib/systemd/system")]


@pytest.fixture(name="unit")
def fixture_unit():
    found = [path for path in PACKAGED if path.exists()]
    assert found, "fwupd.service is not installed"
    return found[0]


def values(path, key):
    """What a unit file gives a key, line by line."""
    return [line.partition("=")[2] for line in path.read_text().splitlines()
            if line.startswith(key + "=")]


def expand(names):
    """The system calls in a SystemCallFilter=, and in the sets that it names."""
    calls = set()
    for name in names:
        if name.startswith("@"):
            listed = run(["systemd-analyze", "syscall-filter", name], check=True).stdout
            members = [line.strip() for line in listed.splitlines()[1:]]
            calls |= expand(word for word in members if word and not word.startswith("#"))
        else:
            calls.add(name)
    return calls


def allowed(*paths):
    words = " ".join(value for path in paths for value in values(path, "SystemCallFilter"))
    assert "~" not in words
    return expand({*words.split(), "@default"})


def traced(tmp_path, argv):
    """The names of all system calls of a program and of what it starts."""
    trace = tmp_path / "trace"
    result = run(["strace", "-f", "-qq", "-o", trace, *argv])
    assert result.returncode == 0, result.stderr
    return set(re.findall(r"^\d+ +([a-z][a-z0-9_]*)\(", trace.read_text(), re.MULTILINE))


def test_systemd_takes_it(unit, tmp_path):
    shutil.copy(unit, tmp_path / "fwupd.service")
    (tmp_path / "fwupd.service.d").mkdir()
    shutil.copy(DROP_IN, tmp_path / "fwupd.service.d")
    result = run(["systemd-analyze", "verify", "--man=no", tmp_path / "fwupd.service"])
    assert "ucupdates.conf" not in result.stderr, result.stderr
    broken = tmp_path / "fwupd.service.d/ucupdates.conf"
    broken.write_text(DROP_IN.read_text() + "Nonsense=yes\n")
    result = run(["systemd-analyze", "verify", "--man=no", tmp_path / "fwupd.service"])
    assert "ucupdates.conf" in result.stderr, "the check would not see a mistake"


def test_each_line_has_its_reason():
    before = ""
    for line in DROP_IN.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            assert before.startswith("#") or before.partition("=")[0] == line.partition("=")[0]
        before = line


@pytest.fixture(name="environment")
def fixture_environment(tmp_path):
    config, defaults = tmp_path / "fw_env.config", tmp_path / "defaults"
    copies = [tmp_path / "env-1", tmp_path / "env-2"]
    for copy in copies:
        copy.write_bytes(bytes(0x4000))
    config.write_text("".join(f"{copy} 0x0000 0x4000\n" for copy in copies))
    defaults.write_text("uc_slot=A\n")
    run(["fw_setenv", "-c", config, "-f", defaults, "uc_slot", "A"], check=True)
    return config


def test_uboot(unit, environment, tmp_path):
    script = tmp_path / "script"
    script.write_text("uc_slot=B\nupgrade_available=1\n")
    calls = traced(tmp_path, ["fw_setenv", "-c", environment, "-s", script])
    calls |= traced(tmp_path, ["fw_printenv", "-c", environment])
    assert calls - allowed(unit, DROP_IN) == set()
    assert calls - allowed(unit) == {"flock"}, "what the drop-in is for"


def test_grub(unit, tmp_path):
    block = tmp_path / "grubenv"
    calls = traced(tmp_path, ["grub-editenv", block, "create"])
    calls |= traced(tmp_path, ["grub-editenv", block, "set", "uc_slot=B", "uc_slot_tries=3"])
    calls |= traced(tmp_path, ["grub-editenv", block, "list"])
    assert calls - allowed(unit, DROP_IN) == set()


def test_devices(unit):
    """Slots on what endpoints boot from: none of it is granted twice."""
    mine, packaged = (set(values(path, "DeviceAllow")) for path in (DROP_IN, unit))
    assert mine == {"block-mmc rw", "block-virtblk rw", "block-loop rw"}
    assert not mine & packaged
