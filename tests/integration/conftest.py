# SPDX-License-Identifier: LGPL-2.1-or-later
"""An endpoint with its fwupd, without DNS, mirror and agent: what the plugin's tests need."""

import os
import pathlib
import shutil
import tempfile

import pytest

from uclab.bus import Bus
from uclab.cab import Authority
from uclab.endpoint import Endpoint
from uclab.forge import Forger
from uclab.fwupd import Fwupd
from uclab.process import Supervisor


class PluginLab:
    """Bus, polkit, fwupd and one endpoint; the agent is the test's own."""

    def __init__(self, directory, builddir, authority, service_dirs=(), **endpoint):
        self.directory, self.authority = directory, authority
        self.supervisor = Supervisor(directory / "log")
        self.bus = Bus(self.supervisor, directory / "bus", service_dirs=service_dirs)
        self.endpoint = Endpoint(directory / "endpoint", **endpoint)
        self.fwupd = Fwupd(self.supervisor, self.bus, directory / "fwupd",
                           builddir / "plugins/uc-endpoint", extra_env=self.endpoint.env)
        self.fwupd.trust(payload=[authority.ca])
        self.endpoint.install(self.fwupd)

    def start(self):
        self.bus.start()
        self.fwupd.start()
        return self

    def device(self):
        return self.fwupd.devices()[self.endpoint.name]

    def package(self, version, levels=(2,), **keys):
        return self.endpoint.make_package(version, levels, signer=self.authority, **keys)

    def install(self, cab, *options):
        """fwupdmgr install; returns (exit status, all that it printed)."""
        result = self.fwupd.fwupdmgr("install", cab, "--allow-older", "--allow-reinstall",
                                     *options)
        return result.returncode, result.stdout + result.stderr

    def activate(self):
        result = self.fwupd.fwupdmgr("activate", self.device()["DeviceId"])
        return result.returncode, result.stdout + result.stderr

    def restart(self, boots=True):
        """What a restart of the machine is to fwupd."""
        self.fwupd.stop()
        slot = self.endpoint.restart(boots=boots)
        self.fwupd.start()
        return slot

    def history(self):
        """The one row of our device, or None."""
        result = self.fwupd.fwupdmgr("get-history", "--json")
        devices = self.fwupd.json("get-history")["Devices"] if result.returncode == 0 else []
        return devices[0] if devices else None

    def state_file(self):
        return (self.fwupd.localstate / "lib/fwupd/uc-endpoint"
                / f"{self.endpoint.endpoint_id}.state")

    def stop(self):
        self.supervisor.stop_all()


@pytest.fixture(scope="session")
def builddir():
    return pathlib.Path(os.environ["UC_BUILDDIR"]).resolve()


@pytest.fixture
def short_dir():
    """A directory whose path is short enough for a socket."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="uc-"))
    directory.chmod(0o755)  # polkitd has a user of its own, and the bus is in here
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def authority():
    directory = tempfile.mkdtemp(prefix="uc-ca-")
    yield Authority(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def make_lab(short_dir, builddir, authority):
    """Makes labs that are not started yet; all are stopped at the end."""
    labs = []

    def make(**keys):
        labs.append(PluginLab(short_dir / str(len(labs)), builddir, authority, **keys))
        return labs[-1]

    yield make
    for lab in labs:
        lab.stop()


@pytest.fixture
def lab(make_lab):
    return make_lab().start()


@pytest.fixture(name="forger")
def fixture_forger(lab, tmp_path):
    """Whoever has the mirror's keys, and publishes what it would not."""
    return Forger(lab.mirror, tmp_path)
