# SPDX-License-Identifier: LGPL-2.1-or-later
"""ucupdatesctl against the real agent: installs by hand, with the words of a phone's display."""

import json
import os
import pathlib
import re
import signal

import pytest

from uclab.lab import Lab
from uclab.process import run, wait_for

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
IMAGE_BYTES = 48 * 1024 * 1024


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR, slot_size=2 * IMAGE_BYTES) as lab:
        yield lab


def offer(lab, version="1.1.0", **package):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"], **package))
    for entry in lab.mirror.json("list")["packages"]:
        if entry["version"] == version:
            lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")


def flags(lab):
    return lab.fwupd.devices()[lab.endpoint.name]["Flags"]


def refused(lab, *arguments, status=1):
    result = lab.agent.ctl(*arguments)
    assert result.returncode == status, result.stdout + result.stderr
    return result.stderr


def idle(lab):
    """After the look at the start."""
    lab.agent.wait_for(
        lambda: (lambda s: s["work"] == "idle" and "last_check" in s)(lab.agent.json("status")), 30,
        "an agent that waits")


def call(lab):
    """Everything is started, and nothing is done by itself."""
    lab.start()
    lab.agent.hold(60)
    lab.agent.wait_for(lambda: lab.agent.json("status")["in_use"], 10, "the call")


def test_refused(lab, tmp_path):
    lab.start()
    idle(lab)
    text = refused(lab, "install", "--version=9.9.9")
    assert "version 9.9.9 is not on offer for codec" in text
    assert "the service has no file 'x.cab' on offer for codec" in refused(
        lab, "install", "--file=x.cab")
    assert "no file 'https://192.0.2.66/x.cab' on offer" in refused(
        lab, "install", "--file=https://192.0.2.66/x.cab")
    assert f"cannot open {tmp_path}/none: No such file" in refused(
        lab, "install", f"--file={tmp_path}/none")
    assert "--version and --file do not go together" in refused(
        lab, "install", "--version=1", "--file=x", status=2)
    assert "there is no endpoint 'phone'" in refused(lab, "install", "phone")
    assert "there is no endpoint 'phone'" in refused(lab, "defer", "phone")
    assert "nobody is asked about an update at this moment" in refused(lab, "defer", "codec")
    assert f"{tmp_path} is no file, expected a package (.cab)" in refused(
        lab, "install", f"--file={tmp_path}")
    for options, sentence in (
            ("{'version': <5>}", "the option 'version' has the type i, expected s"),
            ("{'versoin': <'1.0.0'>}", "there is no option 'versoin'")):
        result = lab.bus.call("org.ucupdates.Agent", "/org/ucupdates/Agent",
                              "org.ucupdates.Agent1.Install", "codec", options)
        assert f"org.ucupdates.Error.Invalid: {sentence}" in result.stderr
    broken = tmp_path / "broken.cab"
    broken.write_bytes(b"no cab at all")
    assert "fwupd did not stage the file: " in refused(lab, "install", f"--file={broken}")
    unsigned = lab.endpoint.make_package("1.2.0", levels=["2"])
    assert "fwupd did not stage the file: " in refused(lab, "install", f"--file={unsigned}")
    other = lab.endpoint.make_package("1.2.0", ["3"], claimed_levels=["2"], signer=lab.mirror)
    text = refused(lab, "install", f"--file={other}")
    assert "hardware level" in text, text
    result = lab.bus.call("org.ucupdates.Agent", "/org/ucupdates/Agent",
                          "org.ucupdates.Agent1.CancelInstall", "codec")
    assert "nobody updates codec now" in result.stderr
    assert "needs-activation" not in flags(lab)


def test_words_of_the_display(lab):
    call(lab)
    offer(lab, size=IMAGE_BYTES)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: lab.agent.json("versions")["versions"], 30, "the version")
    assert [v["file"] for v in lab.agent.json("versions")["versions"]][0].endswith(".cab")
    result = lab.agent.ctl("install", "--force")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    words = ["Downloading updater…", "Updating, please wait…", "Updater updated…"]
    assert [line for line in lines if line in words] == words, lines
    assert lines[-1] == "staged and activated; it runs after the restart"


def test_file_by_hand(lab):
    """A package from a stick, which only root can read."""
    lab.start()
    idle(lab)
    package = lab.endpoint.make_package("1.1.0", levels=["2"], signer=lab.mirror)
    package.chmod(0o600)
    result = lab.agent.ctl("install", f"--file={package}")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("staged; it is activated when the policy")
    assert "needs-activation" in flags(lab)
    assert lab.endpoint.slot_version(lab.endpoint.other) == "1.1.0"


def test_file_on_the_service(lab):
    """By the name that it has there."""
    call(lab)
    offer(lab)
    assert lab.agent.ctl("check").returncode == 0
    name = lab.agent.wait_for(
        lambda: [v["file"] for v in lab.agent.json("versions")["versions"]], 30, "the version")[0]
    result = lab.agent.ctl("install", f"--file={name}", "--force")
    assert result.returncode == 0, result.stderr
    assert lab.endpoint.slot_version(lab.endpoint.other) == "1.1.0"


def test_interrupt_before_the_write(lab):
    """Ctrl-C while it downloads: nothing is written, and what was downloaded stays."""
    call(lab)
    before = lab.endpoint.fingerprint()
    offer(lab, size=IMAGE_BYTES)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: lab.agent.json("versions")["versions"], 30, "the version")
    lab.mirror.process._popen.send_signal(signal.SIGSTOP)
    install = lab.supervisor.spawn(
        "install", [BUILDDIR / "agent/ucupdatesctl", "install", "--force"],
        {**lab.agent.env, "LC_ALL": "C.UTF-8"})
    lab.agent.wait_for(lambda: lab.agent.json("status")["work"] == "downloading", 20, "the download")
    run(["kill", "-INT", str(install.pid)], check=True)
    wait_for(lambda: install.poll() is not None, 20, "the end of install")
    assert install.poll() == 1
    assert "ucupdatesctl: cancelled; nothing was written" in install.log_text()
    lab.mirror.process._popen.send_signal(signal.SIGCONT)
    assert lab.endpoint.fingerprint() == before


def test_fits_the_terminal(lab):
    """Sentences go on below their beginning; tables are as wide as what is in them."""
    lab.start()
    offer(lab)
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: lab.agent.json("history")["entries"], 60, "the staged update")
    for command in ("status", "explain", "versions", "history", "service"):
        result = run([BUILDDIR / "agent/ucupdatesctl", command],
                     env={**lab.agent.env, "LC_ALL": "C.UTF-8", "COLUMNS": "60"})
        assert result.returncode == 0, result.stderr
        lines = result.stdout.splitlines()
        assert lines and max(map(len, lines)) <= 60, result.stdout
    monitor = lab.supervisor.spawn(
        "monitor", [BUILDDIR / "agent/ucupdatesctl", "monitor"],
        env={**lab.agent.env, "LC_ALL": "C.UTF-8", "COLUMNS": "40"})
    monitor.wait_for_log("codec: ")
    lab.supervisor.processes.remove(monitor)
    monitor.kill()
    lines = monitor.log_text().splitlines()
    assert max(map(len, lines)) <= 40, lines
    assert any(line.startswith(" " * 17) for line in lines), "a sentence that goes on"
    status = lab.agent.ctl("status").stdout
    assert "room:       not in use\n" in status and "version 1.0.0, not updated yet\n" in status
    text = lab.agent.ctl("explain").stdout
    decision = re.search(r"^decision: wait \((.*)\)$", text, re.M).group(1)
    marked = [line.split()[1] for line in text.splitlines() if line.startswith("> ")]
    assert marked == [decision], text
    steps = text.partition("if nothing else happens:\n")[2].splitlines()
    held = [line[21:] for line in steps if not line.startswith("check", 21)]
    assert len(held) == len(set(held)) and len(steps) > len(held), text


def test_alone(lab):
    """No service, no fwupd, no endpoint: each is said, with what to do."""
    lab.bus.start()
    lab.agent.start()
    lab.agent.wait_for(
        lambda: {"check_error", "fwupd_error"} <= lab.agent.json("status").keys(), 30, "the failures")
    status = lab.agent.ctl("status").stdout
    assert status.startswith("service:    none found yet\nlast check: none yet\nfailure:    no usable CA")
    assert "install the organisation's trust bundle\n" in status
    assert ("failure:    cannot reach fwupd: it is not installed, or cannot be started; see systemctl "
            "status fwupd\n"
            in status)
    assert status.endswith(
        "endpoints:  not known yet; fwupd has not told its devices\n")
    assert lab.agent.ctl("explain").stdout == "there is no endpoint; ucupdatesctl status may say why\n"
    assert "found by:     not found yet\n" in lab.agent.ctl("service").stdout
    assert "there is no endpoint; `ucupdatesctl status` may say why" in refused(lab, "install")


def test_file_without_a_device(lab):
    """A file that the plugin does not take: which one, and where to look."""
    lab.endpoint.conf.with_name("panel.conf").write_text(
        "[Endpoint]\nId=panel\nVendor=acme\nModel=panel10\nSerialDmi=product_serial\n"
        "[Install]\nType=file\nTarget=/nonexistent/panel\n", encoding="utf-8")
    lab.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"], 30, "the codec")
    status = lab.agent.json("status")
    assert status["endpoints_known"] and status["unclaimed"] == ["panel"]
    assert ("failure:    fwupd has no device for the endpoint 'panel'; journalctl --unit=fwupd may say "
            "what is wrong with its file\n" in lab.agent.ctl("status").stdout)


def test_file_that_is_none(lab):
    """A mistake for which not even the agent knows whose file it is."""
    lab.endpoint.conf.write_text("[Endpoint]\nId=codec\nVendor=acme\n", encoding="utf-8")
    lab.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints_known"], 30, "fwupd's devices")
    assert lab.agent.json("status")["unclaimed"] == [lab.endpoint.conf.name]
    assert (f"the endpoint '{lab.endpoint.conf.name}'; journalctl --unit=fwupd may say what is wrong "
            "with its file\n" in lab.agent.ctl("status").stdout)


def test_only_for_root(lab):
    """What is trusted is not for everybody to say, and that is said before it is tried."""
    if lab.agent.user is None:
        pytest.skip("the build directory is root's alone")
    for option in ("--ca=/nonexistent", "--pin=x"):
        result = run([BUILDDIR / "agent/ucupdatesctl", "service", option],
                     env={**lab.agent.env, "LC_ALL": "C.UTF-8"}, user=lab.agent.user)
        assert result.returncode == 1
        assert result.stderr == ("ucupdatesctl service: --ca and --pin are only for root; use "
                                 "sudo\n")


def test_agent_that_does_not_start(lab, tmp_path):
    """The bus starts it, and it ends at once: how it ended is no help, where to look is."""
    (tmp_path / "org.ucupdates.Agent.service").write_text(
        "[D-BUS Service]\nName=org.ucupdates.Agent\nExec=/bin/false\n", encoding="utf-8")
    lab.bus.service_dirs = [tmp_path]
    lab.bus.start()
    for command in (["status"], ["install"], ["inhibit", "--", "true"]):
        assert refused(lab, *command) == (
            "ucupdatesctl: the agent does not run and cannot be started; see systemctl status "
            "ucupdatesd\n")


@pytest.mark.parametrize("text,place", [
    ("hello\n", "line 1, near character "), ("{\n\"windows\": [,\n", "line 2, near character ")])
def test_what_if_without_json(lab, tmp_path, text, place):
    """Where it cannot be read, not in the words of a scanner."""
    path = tmp_path / "policy.json"
    path.write_text(text, encoding="utf-8")
    sentence = refused(lab, "explain", f"--policy={path}", f"--facts={path}",
                       "--now=2026-01-01T00:00:00Z", "--zone=UTC")
    assert sentence.startswith(f"ucupdatesctl: {path} is not JSON; see {place}")


def test_inhibit_says_what_it_did(lab):
    lab.bus.start()
    lab.agent.start()
    result = lab.agent.ctl("inhibit", "--why=a test", "--json", "--", "sh", "-c", "echo out; exit 7")
    assert result.returncode == 7
    out, text = result.stdout.split("\n", 1)
    assert out == "out"
    assert json.loads(text) == {"what": "call", "why": "a test", "status": 7}


TOGETHER = "explain: --policy, --facts, --now and --zone belong together, without a device"
WHAT_IF = ["explain", "--policy=a", "--facts=b", "--now=2026-01-01T00:00:00Z", "--zone=UTC"]


@pytest.mark.parametrize("arguments,sentence", [
    ([], "a command is missing; see ucupdatesctl --help"),
    (["nonsense"], "there is no command 'nonsense'; see ucupdatesctl --help"),
    (["status", "extra"], "'extra' is not expected; see ucupdatesctl status --help"),
    (["history", "extra"], "'extra' is not expected; see ucupdatesctl history --help"),
    (["explain", "one", "two"], "'two' is not expected; see ucupdatesctl explain --help"),
    (["check", "--nope"], "check: Unknown option --nope; see ucupdatesctl check --help"),
    (["install", "--version"],
     "install: Missing argument for --version; see ucupdatesctl install --help"),
    (["install", "--version="], "install: --version is empty, expected a version such as those of"),
    (["install", "--file="], "install: --file is empty, expected a name, a URL or a path"),
    (["explain", "--now=yesterday"], TOGETHER),
    (["explain", "--for=3d"], TOGETHER),
    ([*WHAT_IF, "codec"], TOGETHER),
    ([*WHAT_IF, "--for=1w"], "--for is '1w', expected up to 366 days such as 7d, 36h, 90m or 3600s"),
    ([*WHAT_IF, "--zone=Nowhere"],
     "--zone is 'Nowhere', expected a time zone such as Europe/Berlin, or 'unknown'"),
    ([*WHAT_IF, "--now=soon"], "--now is 'soon', expected a time such as 2026-11-21T18:53:00Z"),
    (["inhibit", "--"], "inhibit: a command is missing after --"),
    (["inhibit", "--what=party", "--", "true"],
     "inhibit: --what is 'party', expected call, presentation or booking"),
    (["service", "--ca=/nonexistent", "--pin=x"],
     "service: --pin is 'x', expected sha256// and the SHA-256 of"),
    (["service", "https://x/", "--forget"], "service: --forget goes with nothing else"),
])
def test_usage(lab, arguments, sentence):
    """Before anything is asked of anybody: exit status 2, and what is wrong and expected."""
    result = lab.agent.ctl(*arguments)
    assert result.returncode == 2 and result.stdout == "", result.stderr
    assert sentence in result.stderr and result.stderr.startswith("ucupdatesctl")
    assert result.stderr.count("\n") == 1


def test_no_bus(lab):
    for command in (["status"], ["inhibit", "--", "true"], ["monitor"], ["install"], ["defer"]):
        result = lab.agent.ctl(*command)
        assert result.returncode == 1, result.stdout
        assert "ucupdatesctl: cannot reach the system bus: " in result.stderr
        assert result.stderr.endswith("; is dbus running?\n")
    result = run([BUILDDIR / "agent/ucupdatesd"], env={**lab.agent.env, "LC_ALL": "C.UTF-8"})
    assert result.returncode == 1
    assert result.stderr.startswith("ucupdatesd: cannot reach the system bus: ")
    assert result.stderr.endswith("; is dbus running?\n")
