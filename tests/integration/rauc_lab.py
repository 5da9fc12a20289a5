# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint of type rauc with its fwupd and the real RAUC."""

import shutil

import pytest

from uclab import cab
from uclab.endpoint import image
from uclab.rauc import Rauc

SIZE = 1 << 20

needs_rauc = pytest.mark.skipif(
    shutil.which("rauc") is None or shutil.which("mksquashfs") is None,
    reason="rauc or squashfs-tools is not installed")


class RaucLab:
    """A PluginLab whose endpoint has RAUC."""

    def __init__(self, lab, authority):
        self.lab, self.authority = lab, authority
        self.rauc = Rauc(lab.supervisor, lab.bus, lab.directory / "rauc", lab.endpoint, authority)

    def start(self):
        self.lab.bus.start()
        self.rauc.boot()
        self.rauc.start()
        self.lab.fwupd.start()
        return self

    def wrap(self, bundle, version, protocol="org.ucupdates.rauc"):
        endpoint = self.lab.endpoint
        return cab.make(bundle.with_suffix(".cab"), version, bundle, endpoint.guids((2,)),
                        self.authority, name=endpoint.name, vendor=endpoint.vendor,
                        protocol=protocol)

    def package(self, version, **keys):
        return self.wrap(self.rauc.make_bundle(version, image(version, SIZE), **keys), version)

    def boot(self, boots=True):
        """The machine starts; nobody has asked for fwupd yet."""
        if self.lab.fwupd.process.poll() is None:
            self.lab.fwupd.stop()
        self.rauc.stop()
        slot = self.rauc.boot(boots)
        self.rauc.start()
        return slot

    def restart(self, boots=True):
        slot = self.boot(boots)
        self.lab.fwupd.start()
        return slot

    def flags(self):
        return set(self.lab.device()["Flags"])

    def leftovers(self):
        return sorted(path.name for path in self.lab.state_file().parent.glob("*.raucb*"))

    def stage(self, version, *options):
        rc, text = self.lab.install(self.package(version), *options)
        assert rc == 0, text
        assert self.lab.endpoint.slot_version(self.lab.endpoint.other) == version
        assert "needs-activation" in self.flags()
        assert self.leftovers() == []


@pytest.fixture
def rauc_lab(make_lab, authority):
    def make(**install_keys):
        keys = {"Type": "rauc", "SlotA": None, "SlotB": None, "RunningParameter": None,
                "Boot": None, "GrubEnv": None, "GrubVariable": None, **install_keys}
        return RaucLab(make_lab(install_keys=keys), authority)
    return make
