# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real RAUC with its GRUB backend, on slots that are files."""

import os
import pathlib
import shutil

from .process import run

NAME = "de.pengutronix.rauc"

SYSTEM_CONF = """[system]
compatible={compatible}
bootloader=grub
grubenv={grubenv}
statusfile={directory}/status
mountprefix={directory}/mount
activate-installed={activate}

[keyring]
path={keyring}

[slot.rootfs.0]
device={slots[A]}
type=raw
bootname=A

[slot.rootfs.1]
device={slots[B]}
type=raw
bootname=B

[handlers]
{handlers}
"""

MANIFEST = """[update]
compatible={compatible}
version={version}

[bundle]
format=plain

[image.rootfs]
filename=rootfs.img
"""


class Rauc:
    """RAUC's service for an Endpoint; the bundles are signed by an Authority."""

    def __init__(self, supervisor, bus, directory, endpoint, authority, compatible="acme-icon400"):
        self.supervisor, self.bus, self.endpoint = supervisor, bus, endpoint
        self.directory, self.authority = pathlib.Path(directory), authority
        self.compatible = compatible
        self.process = None
        self.extra_env = {}
        self.bundles = 0
        (self.directory / "mount").mkdir(parents=True)
        self.grubenv = self.directory / "grubenv"
        run(["grub-editenv", self.grubenv, "create"], check=True)
        self.set_env(ORDER="A B", A_OK=1, A_TRY=0, B_OK=1, B_TRY=0)
        self.configure()

    def configure(self, activate="false", handlers=None):
        (self.directory / "system.conf").write_text(
            SYSTEM_CONF.format(compatible=self.compatible, grubenv=self.grubenv,
                               directory=self.directory, slots=self.endpoint.slots,
                               keyring=self.authority.ca, activate=activate,
                               handlers="".join(f"{name}={path}\n" for name, path
                                                in (handlers or {}).items())), encoding="utf-8")

    def set_env(self, **values):
        run(["grub-editenv", self.grubenv, "set",
             *(f"{name}={value}" for name, value in values.items())], check=True)

    @property
    def env(self):
        """GRUB's variables, as its own program sees them."""
        lines = run(["grub-editenv", self.grubenv, "list"], check=True).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines)

    def boot(self, boots=True):
        """What the grub.cfg of RAUC's manual does; with boots=False the first choice hangs."""
        env = self.env
        candidates = [slot for slot in env["ORDER"].split()
                      if env[f"{slot}_OK"] == "1" and env[f"{slot}_TRY"] == "0"]
        chosen = candidates[0 if boots else 1]
        for slot in candidates[:1 if boots else 2]:
            self.set_env(**{f"{slot}_TRY": 1})
        self.endpoint.boot(chosen)
        return chosen

    def start(self):
        self.process = self.supervisor.spawn(
            "rauc", ["rauc", f"--conf={self.directory / 'system.conf'}",
                     f"--override-boot-slot={self.endpoint.running}", "service"],
            {**self.bus.env, **self.extra_env})
        self.bus.wait_for_owner(NAME, self.process, 30)

    def stop(self):
        self.process.stop()
        self.supervisor.processes.remove(self.process)

    def kill(self):
        """It ends without being asked."""
        self.process.kill()
        self.supervisor.processes.remove(self.process)

    def make_bundle(self, version, image, compatible=None, authority=None):
        """A bundle with the bytes of image for the slot that does not run."""
        self.bundles += 1
        workdir = self.directory / "bundles" / str(self.bundles)
        content = workdir / "content"
        content.mkdir(parents=True)
        if isinstance(image, bytes):
            (content / "rootfs.img").write_bytes(image)
        else:
            shutil.copy(os.fspath(image), content / "rootfs.img")
        (content / "manifest.raucm").write_text(
            MANIFEST.format(compatible=compatible or self.compatible, version=version),
            encoding="utf-8")
        bundle = workdir / f"{self.endpoint.model}-{version}.raucb"
        signer = authority or self.authority
        run(["rauc", "bundle", f"--cert={signer.cert}", f"--key={signer.key}", content, bundle],
            check=True)
        return bundle
