# SPDX-License-Identifier: LGPL-2.1-or-later
"""Confirmed starts with the real RAUC: it is told good or bad only when the health is known."""


import pytest

from rauc_lab import needs_rauc, rauc_lab  # noqa: F401
from uclab.confirm import Confirm
from uclab.process import write_program

PENDING, SUCCESS, FAILED = 1, 2, 3

pytestmark = needs_rauc


class Machine(Confirm):
    """A machine with RAUC whose endpoint is healthy while a file is there."""

    def __init__(self, it, builddir, directory):
        super().__init__(it.lab, builddir, directory)
        self.it, self.healthy = it, directory / "healthy"
        self.healthy.touch()
        it.start()
        self.start_systemd()

    def start_new_version(self, package=None, *options):
        """Installed, activated, restarted: a trial."""
        rc, text = self.lab.install(package or self.it.package("1.1.0"), *options)
        assert rc == 0, text
        rc, text = self.lab.activate()
        assert rc == 0, text
        assert self.it.restart() == "B"

    def tries(self):
        return self.it.rauc.env["B_TRY"]

    def assert_not_settled(self):
        assert self.tries() == "1", "not marked as good"
        assert self.lab.device()["Version"] == "1.1.0"
        assert not {"needs-reboot", "needs-activation"} & self.it.flags()
        assert self.lab.history()["UpdateState"] == PENDING

    def assert_confirms(self):
        result = self.run()
        assert (result.returncode, result.stdout) == (
            0, "codec: the new firmware is healthy and stays\n"), result.stderr
        assert self.tries() == "0", "marked as good"

    def assert_nothing_to_confirm(self):
        result = self.run()
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.fixture
def make_machine(rauc_lab, builddir, tmp_path):  # noqa: F811
    def make(confirm_secs=30):
        health = write_program(tmp_path / "health",
                               f"test -e {tmp_path}/healthy || {{ echo no microphone; exit 1; }}")
        return Machine(rauc_lab(Health=health, ConfirmSec=confirm_secs), builddir, tmp_path)
    return make


def test_confirmed(make_machine):
    machine = make_machine()
    machine.assert_nothing_to_confirm()
    machine.start_new_version()
    machine.assert_not_settled()
    machine.lab.fwupd.restart()
    machine.assert_not_settled()
    machine.assert_confirms()
    assert not machine.restarts.exists()
    machine.lab.fwupd.restart()  # it was told to quit, and comes back as the bus would have it
    assert machine.lab.history()["UpdateState"] == SUCCESS
    machine.assert_nothing_to_confirm()


def test_nothing_is_installed_during_a_trial(make_machine):
    """The old version is what it goes back to, so nothing may take its place."""
    machine = make_machine()
    machine.start_new_version()
    before = machine.lab.endpoint.slot_sha256("A")
    rc, text = machine.lab.install(machine.it.package("1.2.0"), "--force")
    assert rc != 0
    assert ("version 1.1.0 was started from slot rootfs.1 and its health is not confirmed yet; try "
            "again in 30 s") in text
    assert machine.it.leftovers() == []
    assert machine.lab.endpoint.slot_sha256("A") == before
    machine.assert_confirms()
    machine.lab.fwupd.restart()
    assert machine.lab.install(machine.it.package("1.2.0"))[0] == 0


def test_not_healthy(make_machine):
    machine = make_machine(confirm_secs=1)
    package = machine.it.package("1.1.0")
    machine.start_new_version(package)
    machine.healthy.unlink()
    result = machine.run()
    assert result.returncode == 1
    health = machine.directory / "health"
    complaint = f"not healthy within 1 s: {health} failed: no microphone"
    assert result.stderr == f"codec: {complaint}; the machine restarts into what ran before\n"
    assert machine.restarts.read_text() == "--no-block reboot\n"
    env = machine.it.rauc.env
    assert (env["B_OK"], env["ORDER"].split()[0]) == ("0", "A")

    # fwupd may start once more before the machine is down
    machine.lab.fwupd.restart()
    assert machine.lab.history()["UpdateState"] == PENDING
    machine.assert_nothing_to_confirm()
    assert machine.it.restart() == "A"
    row = machine.lab.history()
    assert row["UpdateState"] == FAILED
    assert row["UpdateError"] == (
        "version 1.1.0 in slot rootfs.1 was activated, but after the restart version 1.0.0 in slot "
        f"rootfs.0 runs: {complaint}")
    assert machine.it.rauc.env["A_TRY"] == "0", "what runs is good"
    machine.assert_nothing_to_confirm()

    # the same image has a trial of its own, and what was known about it does not count
    machine.healthy.touch()
    rc, text = machine.lab.install(package)
    assert rc != 0
    assert "this firmware was started once and fell back; use --force to try again" in text
    machine.start_new_version(package, "--force")
    machine.assert_not_settled()
    machine.assert_confirms()


def test_does_not_start(make_machine):
    machine = make_machine()
    assert machine.lab.install(machine.it.package("1.1.0"))[0] == 0
    assert machine.lab.activate()[0] == 0
    assert machine.it.restart(boots=False) == "A"
    assert machine.lab.history()["UpdateState"] == FAILED
    assert machine.it.rauc.env["A_TRY"] == "0"
    machine.assert_nothing_to_confirm()


def test_confirmed_before_fwupd_starts(make_machine):
    """fwupd starts on demand: what was confirmed stays so over the next restart."""
    machine = make_machine()
    assert machine.lab.install(machine.it.package("1.1.0"))[0] == 0
    assert machine.lab.activate()[0] == 0
    assert machine.it.boot() == "B"
    machine.assert_confirms()
    machine.healthy.unlink()
    assert machine.it.boot() == "B"
    machine.assert_nothing_to_confirm()
    machine.lab.fwupd.start()
    assert machine.lab.history()["UpdateState"] == SUCCESS
    assert machine.tries() == "0"


def test_activation_was_cut_off(make_machine):
    """The power fails after RAUC has switched, and before that is written down."""
    machine = make_machine()
    assert machine.lab.install(machine.it.package("1.1.0"))[0] == 0
    state = machine.lab.state_file()
    staged = state.read_text()
    assert machine.lab.activate()[0] == 0
    assert machine.it.boot() == "B"
    state.write_text(staged)
    machine.lab.fwupd.start()
    machine.assert_not_settled()
    machine.assert_confirms()


def test_without_rauc_nothing_restarts(make_machine):
    machine = make_machine()
    machine.start_new_version()
    machine.it.rauc.stop()
    result = machine.run()
    assert result.returncode == 1
    assert result.stderr.startswith("codec: whether new firmware runs cannot be told: RAUC's ")
    assert not machine.restarts.exists()
