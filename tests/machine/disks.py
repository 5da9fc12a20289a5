# SPDX-License-Identifier: LGPL-2.1-or-later
"""The disks of a run: a mirror's, an endpoint's, and one with the packages."""

import concurrent.futures
import hashlib
import pathlib
import shutil

from uclab import bind, cab

import image

HERE = pathlib.Path(__file__).parent
SLOT_SPARE_MIB = 40
STATE_MIB = 640
# Linux starts, and there is no root file system to go on with: it panics, and panic= restarts it
BROKEN_ROOT = ("vmlinuz", "initrd.img")
# what costs an emulator time and shows nothing: work-arounds for real processors, status lines
OPTIONS = "console=ttyS0 panic=10 edd=off mitigations=off quiet"
# outlives a change of the slot: the identity by which the mirror knows the endpoint is made of it
MACHINE_ID = "5f2d3c1e9a7b4806b1c2d3e4f5a69788"


class Disks:
    """What is built once and never written again; machines get overlays of it."""

    def __init__(self, directory, debs):
        self.directory, self.debs = pathlib.Path(directory), pathlib.Path(debs)
        self.endpoint = self.directory / "endpoint.img"
        self.mirror = self.directory / "mirror.img"
        self.packages = self.directory / "packages.img"
        self.kernel = self.directory / "vmlinuz"
        self.initrd = self.directory / "initrd.img"
        self.slots = {}

    def _key(self):
        """Changes with whatever is on the disks."""
        key = hashlib.sha256((self.debs / "key").read_bytes())
        for path in sorted((HERE / "disks.py", HERE / "image.py", *(HERE / "endpoint").iterdir(),
                            *(HERE / "mirror").iterdir())):
            key.update(path.read_bytes())
        return key.hexdigest()

    def build(self, say):
        """Once, and again when the packages or the files beside here are others."""
        key, built = self._key(), self.directory / "built"
        if built.exists() and built.read_text(encoding="utf-8") == key:
            say("the disks are there already")
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(self.build_root, ("mirror", "endpoint")))
        say("both roots are installed")
        image.write_mirror_files(self.root("mirror"))
        image.write_endpoint_files(self.root("endpoint"))
        self.build_mirror()
        self.build_endpoint()
        say("both disks are written")
        self.build_packages()
        say("the packages are made")
        for name in ("mirror", "endpoint", "work"):
            shutil.rmtree(self.directory / name)
        built.write_text(key, encoding="utf-8")

    def root(self, role):
        return self.directory / role

    def build_root(self, role):
        """Debian's part takes minutes and seldom changes: it is kept, this tree's goes over it."""
        base = self.directory.parent / "roots" / role
        key, built = image.base_key(role), base.with_suffix(".built")
        if not built.exists() or built.read_text(encoding="utf-8") != key:
            shutil.rmtree(base, ignore_errors=True)
            base.parent.mkdir(exist_ok=True)
            image.write_base(base, role, self.debs, base.with_suffix(".log"))
            built.write_text(key, encoding="utf-8")
        image.write_root(self.root(role), base, role, self.debs)

    def build_mirror(self):
        root = self.root("mirror")
        for target, name in ((self.kernel, "vmlinuz"), (self.initrd, "initrd.img")):
            shutil.copyfile(root / name, target)
        image.write_file_system(self.mirror, root, image.file_system_size(root, 1500), "mirror")

    def build_endpoint(self):
        root, work = self.root("endpoint"), self.directory / "work"
        work.mkdir()
        state = image.write_state(work, root)
        slot = self.build_slot("1.0.0")
        files, core = image.write_grub(work, root, f"{OPTIONS} systemd.machine_id={MACHINE_ID}")
        image.write_file_system(work / "grub.img", files, 16 * image.MIB, "grub", "ext2")
        image.write_file_system(work / "state.img", state, STATE_MIB * image.MIB, "state")
        slot_mib = slot.stat().st_size // image.MIB + SLOT_SPARE_MIB
        image.write_disk(self.endpoint, [(work / "grub.img", 32), (slot, slot_mib),
                                         (None, slot_mib), (work / "state.img", STATE_MIB)], core)

    def build_slot(self, version):
        """The root as it is now, as that version."""
        slot = self.directory / "work" / f"{version}.img"
        image.put(self.root("endpoint"), "/usr/lib/acme/version", f"{version}\n")
        image.write_slot(slot, self.root("endpoint"))
        return slot

    def build_packages(self):
        """1.1.0 is good, 1.2.0 finds itself ill, 1.3.0 is a kernel and nothing else."""
        work, root = self.directory / "work", self.root("endpoint")
        tree = work / "packages"
        for name in ("good", "ill", "broken"):
            (tree / name).mkdir(parents=True)
        self.pack(tree / "good", "1.1.0", self.build_slot("1.1.0"))
        image.put(root, "/usr/lib/acme/health",
                  "#!/bin/sh\necho 'the camera does not answer'\nexit 1\n", 0o755)
        panel = (HERE / "endpoint/panel.conf").read_text(encoding="utf-8")
        image.put(root, "/etc/ucupdates/endpoints.d/panel.conf",
                  panel.replace("ConfirmSec=300", "ConfirmSec=20"))
        self.pack(tree / "ill", "1.2.0", self.build_slot("1.2.0"))
        broken, files = work / "broken.img", work / "broken"
        files.mkdir()
        for name in BROKEN_ROOT:
            shutil.copyfile(root / name, files / name)
        image.write_slot(broken, files)
        self.pack(tree / "broken", "1.3.0", broken)
        image.write_file_system(self.packages, tree, image.file_system_size(tree, 8), "packages",
                                "ext2")

    def pack(self, directory, version, slot):
        """A cab of a slot's image, which is compressed already; the mirror signs it."""
        work = self.directory / "work" / f"pack-{version}"
        work.mkdir()
        path = work / "firmware.ucbind"
        bind.write(path, slot, vendor="acme", models=["panel"], version=version,
                   hardware_levels=[2])
        guids = [bind.guid(bind.instance_ids("acme", "panel", 2)[-1])]
        cab.make(directory / f"panel-{version}.cab", version, path, guids, name="Acme Panel",
                 vendor="Acme", appid="com.acme.panel.firmware")
