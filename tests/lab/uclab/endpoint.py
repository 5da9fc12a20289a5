# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint with two slots, and the boot loader and kernel that it would have."""

import hashlib
import os
import pathlib
import uuid

from . import bind, cab, net
from .process import run


def image(version, size=65536, fill=b"ucupdates "):
    """What a slot holds: a first line with the version, then filling."""
    line = f"UCFW {version}\n".encode()
    return (line + fill * (size // len(fill) + 1))[:size]


def write_image(path, version, size):
    """The same on disk, with flat memory; bytes differ from piece to piece."""
    line = f"UCFW {version}\n".encode()
    with open(path, "wb") as out:
        out.write(line)
        left, counter = size - len(line), 0
        block = os.urandom(1 << 20)
        while left > 0:
            piece = counter.to_bytes(8, "little") + block[8:]
            out.write(piece[:left])
            left, counter = left - len(piece), counter + 1
    return path


def file_sha256(path):
    summer = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            summer.update(piece)
    return summer.hexdigest()


class Endpoint:
    """Everything is below directory; install() makes it known to a fwupd."""

    def __init__(self, directory, endpoint_id="codec", name="ICON 400", vendor="acme",
                 model="icon400", version="1.0.0", hardware_level=2, part_number=None,
                 slot_size=1 << 20, install_keys=None, **keys):
        self.directory, self.endpoint_id, self.name = pathlib.Path(directory), endpoint_id, name
        self.vendor, self.model, self.hardware_level = vendor, model, hardware_level
        self.part_number, self.slot_size = part_number, slot_size
        self.keys, self.install_keys = keys, dict(install_keys or {})
        self.procfs = self.directory / "proc"
        self.grubenv = self.directory / "grubenv"
        self.version_file = self.directory / "version"
        self.slots = {slot: self.directory / f"slot-{slot.lower()}" for slot in "AB"}
        self.conf = None
        self.boots = self.packages = 0
        (self.procfs / "sys/kernel/random").mkdir(parents=True)
        run(["grub-editenv", self.grubenv, "create"], check=True)
        self.fill("A", version)
        self.fill("B", version)
        self.set_boots_next("A")
        self.boot("A")

    @property
    def env(self):
        """What fwupd needs to take this endpoint's kernel for its own."""
        return {"FWUPD_PROCFS": str(self.procfs)}

    def install(self, fwupd):
        """Writes the endpoint file. fwupd reads the boot time from /proc/stat itself and has no
        variable for that, so in a namespace of the lab the endpoint's file is mounted over it."""
        self.conf = fwupd.sysconf / "ucupdates/endpoints.d" / f"{self.endpoint_id}.conf"
        self.write_config()
        if net.inside():
            net.mount_over(self.procfs / "stat", "/proc/stat")

    def config(self):
        """The text of the endpoint file."""
        groups = {
            "Endpoint": {"Id": self.endpoint_id, "Name": self.name, "Vendor": self.vendor,
                         "Model": self.model, "PartNumber": self.part_number,
                         "HardwareLevel": self.hardware_level, "Serial": "UC0001",
                         "DeviceType": "codec", "VersionFile": self.version_file, **self.keys},
            "Install": {"Type": "slots", "SlotA": self.slots["A"], "SlotB": self.slots["B"],
                        "RunningParameter": "uc.slot", "Boot": "grub", "GrubEnv": self.grubenv,
                        "GrubVariable": "uc_slot", **self.install_keys},
        }
        return "".join(
            f"[{group}]\n" + "".join(f"{key}={value}\n" for key, value in pairs.items()
                                     if value is not None)
            for group, pairs in groups.items())

    def write_config(self, text=None):
        self.conf.parent.mkdir(parents=True, exist_ok=True)
        self.conf.write_text(self.config() if text is None else text, encoding="utf-8")

    def fill(self, slot, version):
        """A slot as the factory filled it."""
        with open(self.slots[slot], "wb") as out:
            out.write(image(version, min(self.slot_size, 65536)))
            out.truncate(self.slot_size)

    def boots_next(self):
        """The slot that GRUB would start."""
        for line in run(["grub-editenv", self.grubenv, "list"], check=True).stdout.splitlines():
            if line.startswith("uc_slot="):
                return line.partition("=")[2]
        return None

    def set_boots_next(self, slot):
        run(["grub-editenv", self.grubenv, "set", f"uc_slot={slot}"], check=True)

    @property
    def running(self):
        return (self.procfs / "cmdline").read_text().split("uc.slot=")[1].split()[0]

    @property
    def other(self):
        return "B" if self.running == "A" else "A"

    def running_version(self):
        return self.version_file.read_text().strip()

    def slot_version(self, slot):
        """The version in a slot's image, or None if there is no whole first line."""
        with open(self.slots[slot], "rb") as stream:
            line = stream.read(256).partition(b"\n")[0]
        return line[5:].decode() if line.startswith(b"UCFW ") else None

    def slot_sha256(self, slot):
        return file_sha256(self.slots[slot])

    def fingerprint(self):
        """Both slots and the boot loader's environment, to compare byte for byte."""
        return {path.name: file_sha256(path) for path in (*self.slots.values(), self.grubenv)}

    def boot(self, slot):
        """What the kernel shows after a start from a slot: a new boot id and boot time."""
        self.boots += 1
        for name, text in (
                ("cmdline", f"BOOT_IMAGE=/vmlinuz root=/dev/ram0 uc.slot={slot} quiet\n"),
                ("stat", f"cpu 0 0 0 0\nbtime {1700000000 + self.boots * 1000}\n"),
                ("cpuinfo", "vendor_id\t: GenuineIntel\n"),
                ("sys/kernel/random/boot_id", f"{uuid.uuid4()}\n")):
            (self.procfs / name).write_text(text, encoding="utf-8")
        version = self.slot_version(slot)
        if version is not None:
            self.version_file.write_text(version + "\n", encoding="utf-8")

    def restart(self, boots=True):
        """What GRUB and the kernel do at a restart; returns the slot that runs then.

        With boots=False the chosen slot does not come up, and the boot loader goes back to the one
        that ran before. fwupd is to be stopped before and started afterwards.
        """
        chosen = self.boots_next() or self.running
        if not boots or self.slot_version(chosen) is None:
            chosen = self.running
            self.set_boots_next(chosen)
        self.boot(chosen)
        return chosen

    def guids(self, levels=(), locale=None):
        """GUIDs of certain hardware levels, or the general one; of one locale, or of all."""
        ids = [bind.instance_ids(self.vendor, self.model, level)[-1] for level in levels]
        last = f"&LOCALE_{bind.safe(locale)}" if locale is not None else ""
        return [bind.guid(text + last) for text in ids or bind.instance_ids(self.vendor, self.model)]

    def make_bind(self, version, levels=(), size=None, payload=None, **header):
        """A UC bind for this endpoint; a package has a directory of its own."""
        self.packages += 1
        workdir = self.directory / "packages" / str(self.packages)
        workdir.mkdir(parents=True)
        content = payload or write_image(workdir / "payload", version, size or 65536)
        values = {"vendor": self.vendor, "models": [self.model], "version": version,
                  "hardware_levels": [int(level) for level in levels], **header}
        return bind.write(workdir / f"{self.model}-{version}.ucbind", content, **values)

    def make_package(self, version, levels=(), claimed_levels=None, signer=None, size=None,
                     payload=None, release=None, install_secs=60, **header):
        """A cab for this endpoint.

        levels go into the header, claimed_levels (the same if not given) into the metadata's
        GUIDs. signer has sign_checksum(jcat, file), as cab.Authority has.
        """
        path = self.make_bind(version, levels, size, payload, **header)
        return self.wrap(path, release or version, levels if claimed_levels is None
                         else claimed_levels, signer, install_secs, header.get("locale"))

    def wrap(self, path, version, levels=(), signer=None, install_secs=60, locale=None):
        """A cab around any file."""
        path = pathlib.Path(path)
        return cab.make(path.with_name(f"{self.model}-{version}.cab"), version, path,
                        self.guids(levels, locale), signer, name=self.name, vendor=self.vendor,
                        install_secs=install_secs)
