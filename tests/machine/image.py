# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disk images from Debian packages and nothing else, and the few files of the maker of a device.

The endpoint's disk, as many such devices have it: a partition for GRUB, two slots with a root file
system each, which is never written to, and one for what outlives a change of the slot.
"""

import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess

from uclab.process import run

HERE = pathlib.Path(__file__).parent
SOURCES = pathlib.Path("/etc/apt/sources.list.d/debian.sources")
MIB = 1 << 20
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
BUILD_SECS = 900
GRUB_MODULES = ("biosdisk", "part_msdos", "ext2", "squash4", "serial", "terminal", "echo", "test",
                "linux", "loadenv", "reboot", "sleep", "configfile", "normal", "boot")
COMMON = ("systemd", "systemd-sysv", "udev", "dbus", "linux-image-amd64", "initramfs-tools",
          "qemu-guest-agent", "iproute2", "kmod", "e2fsprogs")
ROOTS = {
    "mirror": (*COMMON, "dnsmasq", "chrony"),
    "endpoint": (*COMMON, "systemd-timesyncd", "libpam-systemd", "polkitd", "network-manager",
                 "libubootenv-tool"),
}
DEBS = {"mirror": ("ucupdates-mirror",), "endpoint": ("ucupdates", "fwupd-plugin-uc-endpoint")}
# documentation, and drivers of what no emulator has; of each package the rest is there
DPKG = """force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
path-exclude=/lib/modules/*/kernel/drivers/*
path-exclude=/lib/modules/*/kernel/sound/*
path-include=/lib/modules/*/kernel/drivers/block/*
path-include=/lib/modules/*/kernel/drivers/char/*
path-include=/lib/modules/*/kernel/drivers/mmc/*
path-exclude=/lib/modules/*/kernel/arch/x86/kvm/*
path-exclude=/lib/modules/*/kernel/fs/*/*
path-exclude=/lib/modules/*/kernel/lib/test*
path-exclude=/lib/modules/*/kernel/net/*/*
path-include=/lib/modules/*/kernel/fs/autofs/*
path-include=/lib/modules/*/kernel/fs/configfs/*
path-include=/lib/modules/*/kernel/fs/ext4/*
path-include=/lib/modules/*/kernel/fs/fuse/*
path-include=/lib/modules/*/kernel/fs/jbd2/*
path-include=/lib/modules/*/kernel/fs/squashfs/*
path-include=/lib/modules/*/kernel/net/core/*
path-include=/lib/modules/*/kernel/drivers/net/net_failover.ko
path-include=/lib/modules/*/kernel/drivers/net/virtio_net.ko
path-include=/lib/modules/*/kernel/drivers/virtio/*
path-include=/lib/modules/*/kernel/drivers/watchdog/*
"""
# what is there before the first package; the initrd only finds the root file system
SETUP = {
    "/etc/dpkg/dpkg.cfg.d/machine": DPKG,
    "/etc/initramfs-tools/conf.d/machine": "MODULES=list\nCOMPRESS=gzip\n",
    "/usr/share/initramfs-tools/modules.d/machine": "virtio_pci\nvirtio_blk\next4\nsquashfs\n",
}
# what Debian starts and an appliance does not, each of them seconds under emulation
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer",
          "e2scrub_reap.service", "e2scrub_all.timer", "getty@tty1.service",
          "serial-getty@ttyS0.service", "NetworkManager-dispatcher.service",
          "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount",
          "sys-kernel-tracing.mount", "modprobe@drm.service", "systemd-rfkill.socket")
# of the endpoint's packages, what nothing in it uses: whatever is in a slot is sent and written often
LEFT_OUT = ("/usr/bin/grub-[!e]*", "/usr/bin/perl*", "/usr/lib/udev/hwdb.*", "/usr/sbin/grub-*",
            "/usr/share/grub", "/usr/lib/x86_64-linux-gnu/gconv",
            "/usr/lib/x86_64-linux-gnu/libperl.*")
# below /state: the whole of /var, and what an organisation changes of /etc
STATE = ("trust.d", "ucupdates.conf.d", "pki-fwupd", "pki-fwupd-metadata")


def inside(root, script):
    """A script in a root, as a package's own scripts run."""
    env = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "HOME": "/root",
           "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["chroot", root, "/bin/sh", "-euc", script], env=env, check=True,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=BUILD_SECS).stdout


def put(root, path, source, mode=0o644):
    target = pathlib.Path(root) / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, pathlib.Path):
        shutil.copyfile(source, target)
    else:
        target.write_text(source, encoding="utf-8")
    target.chmod(mode)


def archive():
    """Where this machine has Debian's packages from."""
    return re.search(r"^URIs: *(\S+)", SOURCES.read_text(encoding="utf-8"), re.M)[1]


def own_packages(debs, role):
    return [next(pathlib.Path(debs).glob(f"{name}_*.deb")) for name in DEBS[role]]


def base_key(role):
    """Changes with what is asked of Debian."""
    return hashlib.sha256(repr((ROOTS[role], SETUP, DEBS[role])).encode()).hexdigest()


def write_root(root, base, role, debs):
    """A copy of the Debian root with this tree's packages as they are now."""
    run(["cp", "-a", base, root], check=True, timeout_secs=BUILD_SECS)
    names = own_packages(debs, role)
    for name in names:
        shutil.copy(name, root)
    own = " ".join(f"/{name.name}" for name in names)
    inside(root, f"dpkg -i {own} && rm {own}")


def write_base(root, role, debs, log):
    """A Debian root with the packages of a role; debs is where this tree's own are."""
    names = own_packages(debs, role)
    install = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
    argv = ["mmdebstrap", "--variant=minbase", "--aptopt=Apt::Install-Recommends \"false\"",
            *(f"--setup-hook=mkdir -p \"$1{os.path.dirname(path)}\"; "
              f"printf '%s' '{text}' >\"$1{path}\"" for path, text in SETUP.items()),
            f"--include={','.join(ROOTS[role])}",
            f"--customize-hook=copy-in {' '.join(map(str, names))} /",
            f"--customize-hook=chroot \"$1\" sh -ec '{install} /*.deb && rm /*.deb'",
            platform.freedesktop_os_release()["VERSION_CODENAME"], root, archive()]
    with open(log, "wb") as out:
        subprocess.run([str(argument) for argument in argv], stdin=subprocess.DEVNULL, stdout=out,
                       stderr=subprocess.STDOUT, check=True, timeout=BUILD_SECS,
                       env={**os.environ, "PATH": SYSTEM_PATH})


def finish_root(root, name):
    put(root, "/etc/hostname", f"{name}\n")
    put(root, "/etc/machine-id", "")
    # the essential packages came before dpkg could leave anything out
    inside(root, "rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/locale/* /usr/share/info/*\n"
                 "rm -rf /usr/share/perl/* /usr/lib/x86_64-linux-gnu/perl/* /usr/share/mime/*\n"
                 "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/resolv.conf\n"
                 "chmod 0644 /boot/initrd.img-*\n"
                 f"systemctl mask {' '.join(MASKED)}")


def write_mirror_files(root):
    files = HERE / "mirror"
    put(root, "/etc/fstab", "/dev/vda / ext4 defaults 0 1\n")
    put(root, "/etc/systemd/network/10-net0.link", files / "net0.link")
    put(root, "/etc/systemd/network/net0.network", files / "net0.network")
    put(root, "/etc/dnsmasq.d/room.conf", files / "room.conf")
    put(root, "/etc/chrony/conf.d/site.conf", files / "chrony.conf")
    inside(root, "systemctl enable systemd-networkd dnsmasq chrony; mkdir -p /packages")
    finish_root(root, "mirror")


def write_endpoint_files(root):
    """What the maker of the device adds: who it is, its screen, its health check."""
    files = HERE / "endpoint"
    (pathlib.Path(root) / "state").mkdir()
    put(root, "/etc/fstab", files / "fstab")
    put(root, "/etc/ucupdates/endpoints.d/panel.conf", files / "panel.conf")
    put(root, "/usr/lib/acme/version", "1.0.0\n")
    put(root, "/usr/lib/acme/health", files / "health", 0o755)
    put(root, "/usr/lib/acme/kiosk", files / "kiosk", 0o755)
    put(root, "/etc/systemd/system/kiosk.service", files / "kiosk.service")
    put(root, "/etc/systemd/logind.conf.d/room.conf", files / "logind.conf")
    put(root, "/etc/NetworkManager/conf.d/room.conf", "[main]\nrc-manager=unmanaged\n")
    put(root, "/etc/systemd/timesyncd.conf.d/site.conf", "[Time]\nNTP=192.0.2.1\n")
    inside(root, "mkdir -p /boot/grub /var/log/journal /etc/pki/fwupd /etc/pki/fwupd-metadata\n"
                 "useradd --create-home kiosk\n"
                 f"rm -rf {' '.join(LEFT_OUT)}\n"
                 "systemctl enable kiosk ucupdatesd ucupdates-trust.path ucupdates-confirm "
                 "systemd-timesyncd NetworkManager")
    finish_root(root, "panel")
    (pathlib.Path(root) / "etc/resolv.conf").symlink_to("/run/NetworkManager/resolv.conf")


def file_system_size(directory, spare_mib):
    used = run(["du", "-sm", "--apparent-size", directory], check=True, timeout_secs=120).stdout
    return (int(int(used.split()[0]) * 1.12) + spare_mib) * MIB


def write_file_system(path, root, size, label, kind="ext4"):
    journal = ["-J", "size=4"] if kind == "ext4" else []
    run(["mke2fs", "-q", "-F", "-t", kind, "-L", label, "-m", 0, "-b", 4096, *journal, "-E",
         "lazy_itable_init=0,root_owner=0:0", "-d", root, path, f"{size // 1024}k"],
        check=True, timeout_secs=BUILD_SECS)


def write_slot(path, root):
    """What a slot holds; GRUB reads the kernel in it, so nothing newer than gzip."""
    pathlib.Path(path).unlink(missing_ok=True)
    run(["mksquashfs", root, path, "-comp", "gzip", "-Xcompression-level", 3, "-b", "256K",
         "-no-progress", "-quiet"],
        check=True, timeout_secs=BUILD_SECS)


def write_grub(directory, root, options):
    """The partition of the boot loader, and the core image that goes before the partitions."""
    files = pathlib.Path(directory) / "grub"
    files.mkdir()
    shutil.copyfile(HERE / "endpoint/grub.cfg", files / "grub.cfg")
    shutil.copyfile(pathlib.Path(root) / "usr/share/ucupdates/grub-ucupdates.cfg",
                    files / "grub-ucupdates.cfg")
    (files / "machine.cfg").write_text(f"set options=\"{options}\"\n", encoding="utf-8")
    run(["grub-editenv", files / "grubenv", "create"], check=True)
    core = pathlib.Path(directory) / "core.img"
    run(["grub-mkimage", "-O", "i386-pc", "-p", "(hd0,msdos1)/", "-o", core, *GRUB_MODULES],
        check=True)
    return files, core


def write_state(directory, root):
    """As the factory fills it: /var moves there from the root."""
    state = pathlib.Path(directory) / "state"
    state.mkdir()
    for name in STATE:
        (state / name).mkdir()
    shutil.copytree(pathlib.Path(root) / "etc/fwupd/remotes.d", state / "remotes.d")
    (pathlib.Path(root) / "var").rename(state / "var")
    (pathlib.Path(root) / "var").mkdir()
    return state


def write_disk(path, parts, core):
    """parts are (image, size in MiB); the first one begins at 1 MiB."""
    offsets, offset = [], 1
    for _, size_mib in parts:
        offsets.append(offset)
        offset += size_mib
    with open(path, "wb") as out:
        out.truncate(offset * MIB)
    table = "label: dos\n" + "".join(
        f"start={start * 2048}, size={size * 2048}, type=83\n"
        for start, (_, size) in zip(offsets, parts))
    subprocess.run(["sfdisk", "-q", path], input=table, text=True, check=True)
    for (image, _), start in zip(parts, offsets):
        if image is not None:
            run(["dd", f"if={image}", f"of={path}", "bs=1M", f"seek={start}", "conv=notrunc,sparse",
                 "status=none"], check=True, timeout_secs=BUILD_SECS)
    with open(path, "r+b") as out:
        out.write(pathlib.Path("/usr/lib/grub/i386-pc/boot.img").read_bytes()[:440])
        out.seek(512)
        out.write(pathlib.Path(core).read_bytes())


def overlay(path, base):
    """A disk that is base until something is written to it."""
    pathlib.Path(path).unlink(missing_ok=True)
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F",
         "qcow2" if str(base).endswith(".qcow2") else "raw", "-b", os.path.abspath(base), path],
        check=True)
    return path
