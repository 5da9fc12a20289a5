# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent's own user: what it may do with the real polkit and fwupd, and what it may not."""

import os
import pathlib
import pwd
import re

import pytest

from uclab import user
from uclab.lab import Lab
from uclab.process import run

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
RULES = BUILDDIR / "data/org.ucupdates.Agent.rules"
# what these imply by their own definition: downgrades of trusted packages imply the first (fwupd's
# OnlyTrusted=true still refuses what is not signed), the restart the second
IMPLIED = {"org.freedesktop.fwupd.update-internal", "org.freedesktop.login1.set-wall-message"}


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        assert lab.agent.user is not None, "the build directory is below one that is root's alone"
        yield lab


def offer(lab, version="1.1.0"):
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")


def start_time(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def allowed(lab, entry):
    """Every polkit action of this machine that a process of that user may without any password."""
    process = lab.supervisor.spawn("subject", ["sleep", "60"], user=entry)
    subject = f"{process.pid},{start_time(process.pid)},{entry.pw_uid}"
    actions = run(["pkaction"], env=lab.bus.env, check=True).stdout.split()
    return {
        action for action in actions
        if run(["pkcheck", "--action-id", action, "--process", subject],
               env=lab.bus.env).returncode == 0
    }


def status_field(process, name):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return re.search(rf"^{name}:\s*(.*)$", text, re.MULTILINE).group(1).split()


def test_polkit_allows_exactly_what_is_listed(lab):
    lab.bus.start()
    listed = set(re.findall(r'"(org\.freedesktop\.[a-z0-9.-]+)"', RULES.read_text()))
    everyone = allowed(lab, pwd.getpwnam("nobody"))
    mine = allowed(lab, lab.agent.user)
    assert len(listed) == 10
    assert mine >= listed
    assert mine - everyone == (listed | IMPLIED) - everyone
    assert "org.freedesktop.login1.reboot-ignore-inhibit" not in mine
    assert "org.freedesktop.fwupd.modify-config" not in mine


def test_whole_update_without_any_right(lab):
    lab.start()
    offer(lab)
    assert status_field(lab.agent.process, "Uid") == [str(lab.agent.user.pw_uid)] * 4
    assert int(status_field(lab.agent.process, "CapEff")[0], 16) == 0
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    lab.agent.wait_for(
        lambda: "needs-activation" in lab.fwupd.devices()[lab.endpoint.name]["Flags"], 60, "staged")
    result = lab.agent.ctl("install")
    assert result.returncode == 0, result.stderr
    lab.restart_endpoint()
    lab.agent.wait_for(
        lambda: "success" in [e["event"] for e in lab.agent.json("history")["entries"]], 30,
        "success")
    lab.agent.wait_for(lambda: lab.agent.json("status")["reports_waiting"] == 0, 30, "reports")
    assert "Permission denied" not in lab.agent.process.log_text()
    owners = {path.stat().st_uid for path in lab.agent.state.rglob("*")}
    assert owners == {lab.agent.user.pw_uid}


def test_without_the_rule_fwupd_refuses(lab):
    lab.bus.rules = ()
    lab.start()
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "fwupd does not change its remote ucupdates" in result.stderr
    assert "see ucupdatesd(8)" in result.stderr


def forbid(lab, action):
    """As an administrator whose own rule says no, while everything runs."""
    (lab.bus.directory / "rules.d/10-no.rules").write_text(
        "polkit.addRule(function(action, subject) {"
        f'if (action.id == "{action}") return polkit.Result.NO;}});', encoding="utf-8")
    process = lab.agent.process
    subject = f"{process.pid},{start_time(process.pid)},{lab.agent.user.pw_uid}"
    lab.agent.wait_for(
        lambda: run(["pkcheck", "--action-id", action, "--process", subject],
                    env=lab.bus.env).returncode != 0, 60, "polkit reads the rule")


def test_a_remote_that_may_not_be_changed(lab):
    """It stays as it is, which status says, and the rest goes on."""
    lab.start()
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    assert "remote_error" not in lab.agent.json("status")
    lab.fwupd.fwupdmgr("modify-remote", "ucupdates", "MetadataURI",
                       "https://elsewhere.example/firmware.xml.zst")
    lab.mirror.do("test-device", "add", "AC0001")
    offer(lab)
    forbid(lab, "org.freedesktop.fwupd.modify-remote")
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    status = lab.agent.json("status")
    left = status["remote_error"].split("; fwupd ")
    assert [text.split(": ")[0] for text in left] == [
        "fwupd does not change its remote ucupdates", "does not change its remote ucupdates-testing"]
    assert "see ucupdatesd(8)" in left[0] and "check_error" not in status
    assert "fwupd does not change its remote" in lab.agent.ctl("status").stdout
    lab.agent.wait_for(
        lambda: "needs-activation" in lab.fwupd.devices()[lab.endpoint.name]["Flags"], 60, "staged")
    (lab.bus.directory / "rules.d/10-no.rules").unlink()
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0
                       and "remote_error" not in lab.agent.json("status"), 60, "it may again")


def test_root_needs_no_rule(lab):
    """Where fwupd is built without polkit, the agent runs as root (-Dagent_user=root)."""
    lab.bus.rules = ()
    lab.agent.user = None
    lab.start()
    offer(lab)
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    assert status_field(lab.agent.process, "Uid") == ["0"] * 4


def test_nobody_else_may_be_the_agent(lab):
    lab.bus.start()
    result = run([BUILDDIR / "agent/ucupdatesd"], env={**lab.agent.env, "LC_ALL": "C.UTF-8"},
                 user=pwd.getpwnam("nobody"))
    assert result.returncode == 1
    assert "cannot have the name org.ucupdates.Agent on the system bus" in result.stderr


def test_trust_reads_what_the_agent_fetched(lab):
    """As its unit runs it: root without a capability, in the agent's group."""
    keys = lab.agent.state / "keys.json"
    keys.write_text("{}", encoding="utf-8")
    keys.chmod(0o640)
    lab.agent.own()

    def apply(*groups):
        return run(
            ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *groups,
             BUILDDIR / "trust/ucupdates-trust", "apply"],
            env={**lab.agent.env, "LC_ALL": "C.UTF-8"},
        )

    assert "cannot read it: " in apply("--clear-groups").stderr
    result = apply(f"--groups={lab.agent.user.pw_gid}")
    assert result.returncode == 1
    assert "cannot read it" not in result.stderr
    unit = (BUILDDIR / "data/ucupdates-trust.service").read_text()
    assert f"SupplementaryGroups={user.NAME}" in unit


def test_sandbox(tmp_path):
    """systemd's own measure: 2.0 or better, on a scale to 10."""
    unit = tmp_path / "ucupdatesd.service"
    text = (BUILDDIR / "data/ucupdatesd.service").read_text()
    unit.write_text(re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    result = run(["systemd-analyze", "security", "--no-pager", "--offline=yes", "--threshold=20",
                  unit])
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Overall exposure level" in result.stdout
    assert "WatchdogSec=" in text and f"User={user.NAME}" in text
    # what the kernel says of the clock: the last filter allows it again, and nothing else hides it
    filters = re.findall(r"^SystemCallFilter=(.*)", text, flags=re.MULTILINE)
    assert filters[-1] == "adjtimex" and "ProtectClock=no" in text


def test_catalog(tmp_path):
    """journald reads the explanations of our messages."""
    directory = tmp_path / "usr/lib/systemd/catalog"
    directory.mkdir(parents=True)
    source = pathlib.Path(__file__).parents[2] / "data/ucupdates.catalog"
    (directory / source.name).write_text(source.read_text())
    result = run(["journalctl", f"--root={tmp_path}", "--update-catalog"])
    assert result.returncode == 0, result.stderr
    listed = run(["journalctl", f"--root={tmp_path}", "--list-catalog"]).stdout
    written = [line for line in source.read_text().splitlines() if line.startswith("-- ")]
    assert listed.count("ucupdates:") == len(written) > 0, listed
