# SPDX-License-Identifier: LGPL-2.1-or-later
"""The drop-in for fwupd's sandbox: each of its lines is what one kind of endpoint needs."""

import base64
import dataclasses
import pathlib
import tempfile

from uclab import bind, cab


MIB = 1 << 20
DROP_IN = "/lib/systemd/system/fwupd.service.d/ucupdates.conf"
CHANGED = "/run/systemd/system/fwupd.service.d/ucupdates.conf"
SLOTS = "Type=slots\nSlotA={}\nSlotB={}\nRunningParameter=uc.slot\n"
OWN_GRUB = "Boot=grub\nGrubEnv=/var/lib/acme/grubenv\n"
FILES = ("/var/lib/acme/a.img", "/var/lib/acme/b.img")
PREPARE = r"""
mkdir -p /var/lib/acme
cd /var/lib/acme
echo 1.0 >version
truncate -s 1M a.img b.img loop-a.img loop-b.img
grub-editenv grubenv create
truncate -s 32k uboot-1.env uboot-2.env
for copy in 1 2; do echo "/var/lib/acme/uboot-$copy.env 0 0x4000"; done >fw_env.config
echo uc_slot=A >defaults
fw_setenv -c fw_env.config -f defaults uc_slot A
losetup /dev/loop0 loop-a.img
losetup /dev/loop1 loop-b.img
printf '%s\n' '#!/bin/sh' 'cat >/dev/null' 'echo result done' \
	'echo 2.0 >/var/lib/acme/command-version' >command
chmod 0755 command
echo 1.0 >command-version
cp -a /etc/ucupdates/endpoints.d /run/endpoints.d
mount --bind /run/endpoints.d /etc/ucupdates/endpoints.d
sed '/^OnlyTrusted=/d; s/^\[fwupd\]/&\nOnlyTrusted=false/' /etc/fwupd/fwupd.conf >/run/fwupd.conf
chmod 0640 /run/fwupd.conf
mount --bind /run/fwupd.conf /etc/fwupd/fwupd.conf
umount /boot/grub
mount -t tmpfs tmpfs /boot
mkdir /boot/grub /boot/grub2
mount /dev/vda1 /boot/grub
grub-editenv /boot/grub2/grubenv create
test -b /dev/vdb -a -b /dev/vdc -a -b /dev/mmcblk0 -a -b /dev/mmcblk1
"""


@dataclasses.dataclass(frozen=True)
class Kind:
    """An endpoint that needs one line of the drop-in, or none."""

    name: str
    line: str
    install: str
    version: str = "/var/lib/acme/version"
    # somebody else is at the environment: an endpoint that does not notice lacks its line
    held: str = ""


KINDS = (
    Kind("grub", "ReadWritePaths=-/boot/grub2",
         SLOTS.format(*FILES) + "Boot=grub\nGrubEnv=/boot/grub2/grubenv\n"),
    Kind("mmc", "DeviceAllow=block-mmc rw",
         SLOTS.format("/dev/mmcblk0", "/dev/mmcblk1") + OWN_GRUB),
    Kind("virtblk", "DeviceAllow=block-virtblk rw",
         SLOTS.format("/dev/vdb", "/dev/vdc") + OWN_GRUB),
    Kind("loop", "DeviceAllow=block-loop rw",
         SLOTS.format("/dev/loop0", "/dev/loop1") + OWN_GRUB),
    Kind("uboot", "SystemCallFilter=flock",
         SLOTS.format(*FILES) + "Boot=uboot\nUBootConfig=/var/lib/acme/fw_env.config\n",
         held="/var/lock/fw_printenv.lock"),
    # needs none: the program is a transient unit of systemd, outside of fwupd's sandbox
    Kind("command", "", "Type=command\nProgram=/var/lib/acme/command\n",
         "/var/lib/acme/command-version"),
)


def extra_disks(room):
    """Two virtual disks and two memory cards, all of them blank."""
    for name in ("vdb", "vdc", "mmc0", "mmc1"):
        with open(room.directory / f"{name}.img", "wb") as out:
            out.truncate(MIB)
    extra = []
    for name in ("vdb", "vdc"):
        extra += ["-drive", f"file={room.directory}/{name}.img,format=raw,if=virtio"]
    for name in ("mmc0", "mmc1"):
        extra += ["-drive", f"file={room.directory}/{name}.img,format=raw,if=none,id={name}",
                  "-device", "sdhci-pci", "-device", f"sd-card,drive={name}"]
    return extra


def make_cab(kind):
    """A small package for one of them."""
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        path = work / "firmware.ucbind"
        bind.write(path, b"2.0" * 1000, vendor="acme", models=[kind.name], version="2.0")
        guids = [bind.guid(bind.instance_ids("acme", kind.name)[0])]
        cab.make(work / "out.cab", "2.0", path, guids, appid=f"com.acme.{kind.name}.firmware")
        return (work / "out.cab").read_bytes()


def add(room, kind):
    room.copy_in(room.panel, f"/etc/ucupdates/endpoints.d/{kind.name}.conf",
                 f"[Endpoint]\nId={kind.name}\nName={kind.name}\nVendor=acme\nModel={kind.name}\n"
                 f"VersionFile={kind.version}\n\n[Install]\n{kind.install}")
    text = base64.b64encode(make_cab(kind)).decode()
    room.panel.do(f"echo {text} | base64 -d >/var/lib/acme/{kind.name}.cab")


def attempt(room, kind):
    """Installed and activated, from a fwupd that has just been started."""
    script = (f"echo 1.0 >{kind.version}\n"
              "rm -f /var/lib/fwupd/uc-endpoint/*; systemctl restart fwupd\n"
              f"export HOME=/tmp; fwupdmgr install /var/lib/acme/{kind.name}.cab --force --allow-reinstall "
              "--no-reboot-check --assume-yes </dev/null\n")
    if kind.install.startswith("Type=slots"):
        script += "&& fwupdmgr activate </dev/null\n"
    return room.panel.run(script.replace("\n&&", " &&"), 200)


def write_drop_in(room, without=None):
    room.panel.do("mkdir -p /run/systemd/system/fwupd.service.d\n"
                  f"grep -vxF '{without}' {DROP_IN} >{CHANGED}\nsystemctl daemon-reload")


def is_missed(room, kind):
    """Whether a line that was left out shows. libubootenv goes on where it may not lock: the line
    is there so that it does not write while somebody else does."""
    if kind.held:
        room.panel.do(f"systemd-run -q --unit=other flock {kind.held} sleep infinity")
    result = attempt(room, kind)
    if kind.held:
        room.panel.do("systemctl stop other")
    return (result.returncode != 0) != bool(kind.held), result


def drop_in(room):
    room.begin("registered", extra_disks(room))
    # the agent answers that nobody is there, and finds nothing to do
    room.touch(False)
    room.panel.do("nmcli networking off")
    room.panel.do(PREPARE)
    told = []
    room.panel.do(f"grep -v '^#' {DROP_IN} | sort >/run/lines")
    lines = room.panel.do("sed '/^\\[/d' /run/lines").splitlines()
    assert lines == sorted(kind.line for kind in KINDS if kind.line), lines
    for kind in KINDS:
        add(room, kind)
    write_drop_in(room)
    for kind in KINDS:
        result = attempt(room, kind)
        assert result.returncode == 0, f"{kind.name}: {result.stdout}{result.stderr}"
    for kind in KINDS:
        if not kind.line:
            continue
        write_drop_in(room, kind.line)
        missed, result = is_missed(room, kind)
        assert missed, f"{kind.name} needs no {kind.line}"
        told.append(f"without {kind.line}: {(result.stderr + result.stdout).strip()[-200:]}")
        if kind.held:
            write_drop_in(room)
            assert not is_missed(room, kind)[0], f"{kind.name} does not wait for {kind.held}"
    return "\n".join(told)
