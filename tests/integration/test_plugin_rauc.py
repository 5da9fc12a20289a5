# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real RAUC under the real fwupd: install, deferred activation, mark-good, failing bundles."""

import concurrent.futures
import os
import shutil

from rauc_lab import SIZE, needs_rauc, rauc_lab  # noqa: F401
from uclab.cab import Authority
from uclab.endpoint import image
from uclab.process import run, wait_for, write_program
from uclab.rauc import NAME

PENDING, SUCCESS, FAILED = 1, 2, 3

pytestmark = needs_rauc


def test_install_activate_mark_good(rauc_lab):
    it = rauc_lab().start()
    lab = it.lab
    assert lab.device()["Protocols"] == ["org.ucupdates.rauc"]
    assert it.rauc.env["A_TRY"] == "0", "the boot is marked as good"
    active = lab.endpoint.slot_sha256("A")
    it.stage("1.1.0")
    assert it.rauc.env["ORDER"].split()[0] == "A"
    assert it.rauc.env["B_OK"] == "0", "RAUC itself would not start it"
    assert lab.history()["UpdateState"] == PENDING

    lab.fwupd.restart()
    assert "needs-activation" in it.flags()
    rc, text = lab.activate()
    assert rc == 0, text
    assert it.rauc.env["ORDER"].split()[0] == "B"
    assert it.rauc.env["B_OK"] == "1"
    assert "needs-reboot" in it.flags()

    assert it.restart() == "B"
    device = lab.device()
    assert device["Version"] == "1.1.0"
    assert not {"needs-reboot", "needs-activation"} & it.flags()
    assert lab.history()["UpdateState"] == SUCCESS
    assert (it.rauc.env["B_OK"], it.rauc.env["B_TRY"]) == ("1", "0"), "marked as good"
    assert lab.endpoint.slot_sha256("A") == active


def test_good_once_in_a_boot(rauc_lab):
    """A daemon that starts again does not write to the flash."""
    it = rauc_lab().start()
    it.rauc.set_env(A_TRY=1)
    it.lab.fwupd.restart()
    assert it.rauc.env["A_TRY"] == "1"
    it.rauc.set_env(A_TRY=0)
    it.restart()
    assert it.rauc.env["A_TRY"] == "0"


def test_fallback(rauc_lab):
    it = rauc_lab().start()
    package = it.package("1.1.0")
    assert it.lab.install(package)[0] == 0
    assert it.lab.activate()[0] == 0
    assert it.restart(boots=False) == "A"
    row = it.lab.history()
    assert row["UpdateState"] == FAILED
    assert row["UpdateError"] == (
        "version 1.1.0 in slot rootfs.1 was activated, but after the restart version 1.0.0 in "
        "slot rootfs.0 runs")
    assert it.rauc.env["A_TRY"] == "0", "what runs is good"
    rc, text = it.lab.install(package)
    assert rc != 0
    assert "this firmware was started once and fell back; use --force to try again" in text
    assert it.lab.install(package, "--force")[0] == 0


def test_other_version_in_the_right_slot(rauc_lab):
    """What was activated is not what runs: it is not marked as good, so that GRUB goes back."""
    it = rauc_lab().start()
    it.stage("1.1.0")
    assert it.lab.activate()[0] == 0
    it.lab.endpoint.fill("B", "6.6.6")
    assert it.restart() == "B"
    assert it.lab.history()["UpdateState"] == FAILED
    it.lab.fwupd.restart()
    assert it.rauc.env["B_TRY"] == "1"


def test_superseded_after_activation(rauc_lab):
    it = rauc_lab().start()
    it.stage("1.1.0")
    assert it.lab.activate()[0] == 0
    it.stage("1.2.0")
    assert it.rauc.env["ORDER"].split()[0] == "A", "the activation is taken back before writing"
    assert "needs-reboot" not in it.flags()
    assert it.lab.activate()[0] == 0
    assert it.restart() == "B"
    assert it.lab.device()["Version"] == "1.2.0"


def test_refused_bundles(rauc_lab, tmp_path):
    """Before a byte is written, with RAUC's own reason."""
    it = rauc_lab().start()
    before = it.lab.endpoint.slot_sha256("B")
    bundle = it.rauc.make_bundle("1.1.0", image("1.1.0", SIZE))
    content = bundle.read_bytes()
    damaged = tmp_path / "damaged.raucb"
    damaged.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    cut = tmp_path / "cut.raucb"
    cut.write_bytes(content[:-1000])
    stranger = Authority(tmp_path / "stranger", "Somebody else")
    for package, sentence in (
            (it.package("1.1.0", compatible="acme-icon600"),
             "bundle is compatible with acme-icon600, this endpoint is acme-icon400"),
            (it.package("1.1.0", authority=stranger), "the bundle is refused: RAUC's Info failed: "),
            (it.wrap(damaged, "1.1.0"), "the bundle is refused: RAUC's Info failed: "),
            (it.wrap(cut, "1.1.0"), "not a RAUC bundle: "),
    ):
        rc, text = it.lab.install(package)
        assert rc != 0
        assert sentence in text
        assert it.leftovers() == []
    assert "needs-activation" not in it.flags()
    assert it.lab.endpoint.slot_sha256("B") == before
    assert it.rauc.env["B_OK"] == "1"


def test_rauc_fails(rauc_lab):
    """RAUC begins and fails: its LastError is in our sentence, and nothing counts as staged."""
    it = rauc_lab().start()
    it.stage("1.1.0")
    slot = it.lab.endpoint.slots["B"]
    slot.unlink()
    rc, text = it.lab.install(it.package("1.2.0"))
    assert rc != 0
    assert "RAUC did not install the bundle: " in text
    assert str(slot) in text
    assert "needs-activation" not in it.flags()
    assert it.leftovers() == []
    assert it.rauc.env["ORDER"].split()[0] == "A"


def operation(it):
    return run(["busctl", f"--address={it.lab.bus.address}", "get-property", NAME, "/",
                f"{NAME}.Installer", "Operation"], check=True).stdout


class SlowRauc:
    """RAUC begins, and goes on only when it is told to."""

    def __init__(self, it):
        self.it = it
        directory = it.rauc.directory
        self.begun, self.gate = directory / "begun", directory / "gate"
        self.handler = directory / "pre-install"
        self.handler.write_text(
            "#!/bin/sh\n# SPDX-License-Identifier: LGPL-2.1-or-later\n"
            f"touch {self.begun}\nwhile ! test -e {self.gate}; do sleep 0.05; done\n")
        self.handler.chmod(0o755)
        it.rauc.configure(handlers={"pre-install": self.handler})
        it.start()

    def finish(self):
        self.gate.touch()
        wait_for(lambda: "idle" in operation(self.it), 20, "the end of RAUC's installation")


def test_deadline(rauc_lab):
    """RAUC cannot be told to stop: after the deadline it goes on, and nothing counts as staged."""
    it = rauc_lab(TimeoutSec=5)
    slow = SlowRauc(it)
    rc, text = it.lab.install(it.package("1.1.0"))
    assert rc != 0
    assert ("RAUC did not install the bundle within 5 s; see its log, or set [Install] TimeoutSec"
            in text)
    assert slow.begun.exists()
    assert "needs-activation" not in it.flags()
    assert it.leftovers() == []
    rc, text = it.lab.install(it.package("1.2.0"))
    assert rc != 0
    assert "RAUC is installing already; try again when that has ended" in text
    slow.finish()
    assert it.rauc.env["ORDER"].split()[0] == "A"
    assert "needs-activation" not in it.flags()
    it.stage("1.2.0")


def set_deadline(it, seconds):
    """After all that is to take its time."""
    it.lab.endpoint.install_keys["TimeoutSec"] = seconds
    it.lab.endpoint.write_config()
    it.lab.fwupd.restart()


def unanswered(what):
    return f"RAUC did not answer {what} within 4 s; see its log, or restart it"


def test_rauc_hangs(rauc_lab):
    """Whatever it is asked for has a deadline; what is staged stays so, and it goes on as it was."""
    it = rauc_lab().start()
    it.stage("1.1.0")
    set_deadline(it, 4)
    before = it.lab.endpoint.fingerprint()
    package = it.package("1.2.0")
    it.rauc.process.freeze()
    rc, text = it.lab.activate()
    assert rc != 0 and unanswered("GetSlotStatus") in text, text
    rc, text = it.lab.install(package)
    assert rc != 0 and unanswered("Operation") in text, text
    assert it.leftovers() == []
    assert "needs-activation" in it.flags()
    it.lab.fwupd.restart()
    assert it.lab.fwupd.devices() == {}
    assert (f"endpoint is disabled: {it.lab.endpoint.conf}: {unanswered('GetSlotStatus')}"
            ) in it.lab.fwupd.process.log_text()
    assert it.lab.endpoint.fingerprint() == before
    it.rauc.process.thaw()
    it.lab.fwupd.restart()
    assert "needs-activation" in it.flags()
    assert it.lab.activate()[0] == 0
    assert it.restart() == "B"


def test_boot_loader_hangs(rauc_lab, tmp_path):
    """RAUC waits for the program that talks to it, while it switches."""
    hangs, directory = tmp_path / "hangs", tmp_path / "bin"
    directory.mkdir()
    write_program(directory / "grub-editenv", f"""while [ -e {hangs} ] && [ "$2" = set ]
do sleep 0.1; done
exec {shutil.which("grub-editenv")} "$@\"""")
    it = rauc_lab()
    it.rauc.extra_env["PATH"] = f"{directory}:{os.environ['PATH']}"
    it.start()
    it.stage("1.1.0")
    set_deadline(it, 4)
    hangs.touch()
    rc, text = it.lab.activate()
    hangs.unlink()
    assert rc != 0 and unanswered("Mark") in text, text
    assert "needs-activation" in it.flags() and "needs-reboot" not in it.flags()
    assert "idle" in operation(it), "it has done all that it was told"
    assert it.rauc.env["ORDER"].split()[0] == "A", "the last of that was to take it back"


def test_rauc_dies(rauc_lab):
    """It ends in the middle: said at once, not at the deadline, and the next time succeeds."""
    it = rauc_lab()
    slow = SlowRauc(it)
    before = it.lab.endpoint.slot_sha256("A")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        installing = pool.submit(it.lab.install, it.package("1.1.0"))
        wait_for(slow.begun.exists, 30, "RAUC")
        it.rauc.kill()
        rc, text = installing.result(30)
    assert rc != 0
    assert "RAUC ended while it installed the bundle; see its log, and install again" in text
    assert "needs-activation" not in it.flags()
    assert it.leftovers() == []
    assert it.rauc.env["ORDER"].split()[0] == "A"
    assert it.lab.endpoint.slot_sha256("A") == before
    slow.gate.touch()
    it.rauc.start()
    it.stage("1.1.0")


def test_power_cut_while_installing(rauc_lab):
    """fwupd and RAUC are gone in the middle: after the start nothing counts as staged, what ran
    runs, and the next time succeeds."""
    it = rauc_lab()
    slow = SlowRauc(it)
    before = it.lab.endpoint.slot_sha256("A")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        installing = pool.submit(it.lab.install, it.package("1.1.0"))
        wait_for(slow.begun.exists, 60, "RAUC")
        it.lab.fwupd.kill()
        it.rauc.kill()
        assert installing.result(60)[0] != 0
    slow.gate.touch()
    it.rauc.start()
    it.lab.fwupd.start()
    assert not {"needs-activation", "needs-reboot"} & set(it.flags())
    assert it.lab.device()["Version"] == "1.0.0"
    assert it.rauc.env["ORDER"].split()[0] == "A"
    assert it.lab.endpoint.slot_sha256("A") == before
    it.stage("1.1.0")
    assert it.leftovers() == []


def test_fwupd_dies(rauc_lab):
    """RAUC goes on, and answers nothing meanwhile: the endpoint comes back when it has ended."""
    it = rauc_lab()
    slow = SlowRauc(it)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        installing = pool.submit(it.lab.install, it.package("1.1.0"))
        wait_for(slow.begun.exists, 60, "RAUC")
        it.lab.fwupd.kill()
        assert installing.result(60)[0] != 0
    it.lab.fwupd.start()
    assert it.lab.fwupd.devices() == {}
    wait_for(lambda: "RAUC's GetSlotStatus failed: already processing a different method"
             in it.lab.fwupd.process.log_text(), 30, "the reason")
    slow.finish()
    wait_for(it.lab.fwupd.devices, 90, "the endpoint", it.lab.fwupd.process, 0.5)
    assert it.lab.device()["Version"] == "1.0.0"
    assert not {"needs-activation", "needs-reboot"} & it.flags()
    assert it.rauc.env["ORDER"].split()[0] == "A"
    it.stage("1.1.0")


def test_comes_later(rauc_lab):
    """RAUC is started after fwupd."""
    it = rauc_lab()
    it.lab.bus.start()
    it.lab.fwupd.start()
    assert it.lab.fwupd.devices() == {}
    it.rauc.boot()
    it.rauc.start()
    wait_for(it.lab.fwupd.devices, 90, "the endpoint", it.lab.fwupd.process, 0.5)
    it.stage("1.1.0")


def test_activates_by_itself(rauc_lab):
    """A system.conf without activate-installed=false: taken back, and said so."""
    it = rauc_lab()
    it.rauc.configure(activate="true")
    it.start()
    rc, text = it.lab.install(it.package("1.1.0"))
    assert rc != 0
    assert ("RAUC activated slot rootfs.1 without being asked, which was taken back; set "
            "activate-installed=false in its system.conf, restart it, and install again") in text
    assert it.rauc.env["ORDER"].split()[0] == "A"
    assert "needs-activation" not in it.flags()


def somebody_installs(it, version):
    bundle = it.rauc.make_bundle(version, image(version, SIZE))
    run(["rauc", "install", bundle], env=it.lab.bus.env, check=True)


def test_somebody_else_installs(rauc_lab):
    """Another version, or the same one from another bundle: nothing counts as staged any more."""
    it = rauc_lab().start()
    for version, sentence in (
            ("1.2.0", "version 1.1.0 was staged in slot rootfs.1, but RAUC has version 1.2.0 there "
                      "now; install again"),
            ("1.1.0", "version 1.1.0 was staged in slot rootfs.1, but RAUC has installed something "
                      "else there since; install again")):
        it.stage("1.1.0")
        somebody_installs(it, version)
        rc, text = it.lab.activate()
        assert rc != 0
        assert sentence in text
        assert "needs-activation" not in it.flags()
        assert it.rauc.env["ORDER"].split()[0] == "A"
    it.stage("1.1.0")
    assert it.lab.activate()[0] == 0
    assert it.restart() == "B"


def test_minimum_software(rauc_lab):
    it = rauc_lab()
    it.lab.endpoint.keys["MinimumSoftware"] = "1.5"
    it.lab.endpoint.write_config()
    it.start()
    package = it.package("1.1.0")
    rc, text = it.lab.install(package)
    assert rc != 0
    assert "Specified firmware is older than the minimum required version '1.1.0 < 1.5'" in text
    assert it.lab.device()["VersionLowest"] == "1.5"
    assert it.leftovers() == []
    assert it.lab.install(package, "--force")[0] == 0


def test_without_rauc(rauc_lab):
    it = rauc_lab()
    it.lab.bus.start()
    it.lab.fwupd.start()
    assert it.lab.fwupd.devices() == {}
    wait_for(lambda: "endpoint is disabled: " in it.lab.fwupd.process.log_text(), 10, "the reason")
    assert "RAUC's GetSlotStatus failed: " in it.lab.fwupd.process.log_text()
    assert not it.lab.bus.has_owner(NAME)
