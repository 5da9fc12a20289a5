# SPDX-License-Identifier: LGPL-2.1-or-later
"""The course of one update where the organisation changes its mind, on the lab."""

import datetime
import json
import os
import subprocess

import pytest

from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
AGENT = ("org.ucupdates.Agent", "/org/ucupdates/Agent")


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def offer(lab, version):
    """Import, approve and publish a package; its id."""
    lab.mirror.do("import", lab.endpoint.make_package(version, levels=["2"]))
    entry = next(
        entry for entry in lab.mirror.json("list")["packages"] if entry["version"] == version
    )
    lab.mirror.do("approve", entry["id"])
    lab.mirror.do("publish")
    return entry["id"]


def device(lab):
    return lab.fwupd.devices()[lab.endpoint.name]


def is_staged(lab):
    return "needs-activation" in device(lab)["Flags"]


def endpoint(lab):
    return lab.agent.json("status")["endpoints"][0]


def events(lab):
    return [(entry["event"], entry.get("version_new"))
            for entry in lab.agent.json("history")["entries"]]


def check(lab):
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr


def stage(lab, version):
    check(lab)
    lab.agent.wait_for(
        lambda: is_staged(lab) and ("staged", version) in events(lab), 60, f"{version} staged"
    )


def rules(lab, text):
    lab.mirror.write_rules(text, "60-test.conf")
    lab.mirror.do("publish")


def call(lab, interface, method, *arguments):
    return subprocess.run(
        ["gdbus", "call", "--system", "--dest", AGENT[0], "--object-path", AGENT[1],
         "--method", f"{interface}.{method}", *arguments],
        env={**os.environ, **lab.bus.env}, capture_output=True, text=True, check=False)


def what_if(lab, path, keys):
    """What another policy would make of what this endpoint knows: new version and action."""
    known = lab.agent.json("explain")["endpoints"][0]["facts"]
    (path / "facts.json").write_text(json.dumps(known), encoding="utf-8")
    policy = {"defaults": {"first_update": "normal", "windows": []} | keys}
    (path / "policy.json").write_text(json.dumps(policy), encoding="utf-8")
    found = lab.agent.json(
        "explain", f"--facts={path / 'facts.json'}", f"--policy={path / 'policy.json'}",
        f"--now={known['last_check']}", "--zone=UTC")
    assert found["version"] == "1.0.0"
    return found["version_new"], found["action"]


def prompt(lab):
    """The property Prompt as text; '(<@a{sv} {}>,)' while nobody is asked."""
    return call(lab, "org.freedesktop.DBus.Properties", "Get", "org.ucupdates.Agent1",
                "Prompt").stdout.strip()


def test_withdrawn_is_revoked(lab):
    """Taken back after it was staged: nobody can activate it, also not by hand."""
    lab.start()
    before = offer(lab, "1.0.0")
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    lab.mirror.do("restore", before)
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: not is_staged(lab), 30, "nothing staged")
    lab.agent.wait_for(lambda: ("revoked", "1.1.0") in events(lab), 30, "revoked in the history")
    assert endpoint(lab)["progress"] == "current"
    assert lab.fwupd.fwupdmgr("activate", device(lab)["DeviceId"]).returncode != 0
    assert lab.endpoint.boots_next() == "A"
    result = lab.agent.ctl("install")
    assert result.returncode == 1
    assert "there is nothing newer on offer than what runs" in result.stderr
    offer(lab, "1.2.0")
    stage(lab, "1.2.0")


def test_blocked_is_revoked(lab):
    """Still published, and blocked by the policy."""
    lab.start()
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    rules(lab, "[Policy]\nBlockedVersions=1.1.0\n")
    check(lab)
    lab.agent.wait_for(lambda: not is_staged(lab), 30, "nothing staged")
    lab.agent.wait_for(lambda: endpoint(lab)["progress"] == "current", 30, "that on record")


def test_newer_takes_the_place_of_what_is_staged(lab):
    lab.start()
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    first_seen = lab.agent.json("explain")["endpoints"][0]["facts"]["first_seen"]
    offer(lab, "1.2.0")
    stage(lab, "1.2.0")
    assert endpoint(lab)["version_new"] == "1.2.0"
    assert lab.agent.json("explain")["endpoints"][0]["facts"]["first_seen"] == first_seen
    assert lab.endpoint.slot_version(lab.endpoint.other) == "1.2.0"


def test_exactly_this_version(lab, tmp_path):
    """RealPresence: down to an older one, and back; `explain` knows what another policy would do."""
    lab.start()
    offer(lab, "0.9.0")
    offer(lab, "1.1.0")
    lab.mirror.do("use-version", "Acme/icon400", "0.9.0")
    lab.mirror.do("publish")
    stage(lab, "0.9.0")
    assert endpoint(lab)["version_new"] == "0.9.0"
    assert what_if(lab, tmp_path, {"use_version": "0.9.0"}) == ("0.9.0", "wait")
    assert what_if(lab, tmp_path, {}) == ("1.1.0", "download")
    assert lab.agent.ctl("install").returncode == 0
    lab.restart_endpoint()
    assert device(lab)["Version"] == "0.9.0"
    lab.agent.wait_for(lambda: ("success", "0.9.0") in events(lab), 30, "success")
    assert endpoint(lab)["progress"] == "current"
    lab.mirror.do("use-version", "Acme/icon400", "none")
    lab.mirror.do("publish")
    stage(lab, "1.1.0")


def test_first_update_waits_for_nobody(lab):
    """Factory state: at once, although somebody was here just now; then it is an endpoint as any."""
    lab.agent.configure("[Agent]\nFirstUpdate=mandatory\n", "60-test.conf")
    lab.start_service()
    offer(lab, "1.1.0")
    lab.start_endpoint()
    lab.agent.wait_for(lambda: ("activated", "1.1.0") in events(lab), 60, "activated")
    lab.restart_endpoint()
    lab.agent.wait_for(lambda: ("success", "1.1.0") in events(lab), 30, "success")
    check(lab)
    offer(lab, "1.2.0")
    stage(lab, "1.2.0")
    assert endpoint(lab)["reason_id"] == "idle"


def test_prompt(lab):
    """Shown, put off by NO for twenty minutes, also over a kill of the agent."""
    lab.start()
    rules(lab, "[Policy]\nStyle=prompt\n")
    assert "{}" in prompt(lab)
    answer = call(lab, "org.ucupdates.Agent1", "AnswerPrompt", "true")
    assert "org.ucupdates.Error.NotFound: nobody is asked at the moment" in answer.stderr
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    lab.agent.wait_for(lambda: "'devices'" in prompt(lab), 30, "the prompt")
    text = prompt(lab)
    assert "'devices': <['codec']>" in text
    assert "'version': <'1.1.0'>" in text
    assert "'no-allowed': <true>" in text
    assert "'notice': <false>" in text
    assert "'wake-display': <true>" in text, "shown also with the display off"
    held = lab.agent.hold(60)
    lab.agent.wait_for(lambda: "'devices'" not in prompt(lab), 10, "no prompt in a call")
    held.kill()
    lab.supervisor.processes.remove(held)
    lab.agent.wait_for(lambda: lab.agent.json("status")["use"] == "none", 10, "the call's end")
    lab.agent.pass_time(240)
    assert "'devices'" not in prompt(lab), "not yet five minutes after the call"
    lab.agent.pass_time(60)
    lab.agent.wait_for(lambda: "'devices'" in prompt(lab), 30, "the prompt again")
    assert call(lab, "org.ucupdates.Agent1", "PromptInput").returncode == 0
    assert "'devices'" in prompt(lab), "input is no answer"
    assert call(lab, "org.ucupdates.Agent1", "AnswerPrompt", "false").returncode == 0
    assert "'devices'" not in prompt(lab)
    assert endpoint(lab)["reason_id"] == "snooze"
    lab.agent.kill()
    lab.agent.start()
    lab.agent.wait_for(
        lambda: [e["reason_id"] for e in lab.agent.json("status")["endpoints"]] == ["snooze"],
        30, "the NO of before",
    )
    assert "'devices'" not in prompt(lab)


def test_prompt_accepted(lab):
    lab.start()
    rules(lab, "[Policy]\nStyle=prompt\n")
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    lab.agent.wait_for(lambda: "'devices'" in prompt(lab), 30, "the prompt")
    assert call(lab, "org.ucupdates.Agent1", "AnswerPrompt", "true").returncode == 0
    lab.agent.wait_for(lambda: ("activated", "1.1.0") in events(lab), 30, "activated")
    assert lab.endpoint.boots_next() == "B"


def test_idle_after_five_minutes(lab):
    """Lync: nobody was here for so long as the policy wants, in injected time."""
    lab.start()
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    assert endpoint(lab)["reason_id"] == "idle"
    assert ("activated", "1.1.0") not in events(lab)
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: ("activated", "1.1.0") in events(lab), 30, "activated")


def test_no_holds_for_twenty_minutes(lab):
    lab.start()
    rules(lab, "[Policy]\nStyle=prompt\n")
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    lab.agent.wait_for(lambda: "'devices'" in prompt(lab), 30, "the prompt")
    assert call(lab, "org.ucupdates.Agent1", "AnswerPrompt", "false").returncode == 0
    assert lab.agent.pass_time(1100).returncode == 0
    assert endpoint(lab)["reason_id"] == "snooze"
    assert "'devices'" not in prompt(lab)
    assert lab.agent.pass_time(101).returncode == 0
    lab.agent.wait_for(lambda: "'devices'" in prompt(lab), 30, "the prompt again")
    assert lab.agent.pass_time(121).returncode == 0
    lab.agent.wait_for(lambda: ("activated", "1.1.0") in events(lab), 30, "nobody answered")


def test_local_windows_narrow(lab):
    """All day says the organisation; the endpoint's own configuration allows two other days only."""
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    today = datetime.datetime.now().weekday()
    window = f"{days[(today + 2) % 7]},{days[(today + 3) % 7]} 08:00-09:00"
    lab.agent.configure(f"[Agent]\nWindows={window}\n", "60-test.conf")
    lab.start()
    offer(lab, "1.1.0")
    stage(lab, "1.1.0")
    assert lab.agent.pass_time(301).returncode == 0
    assert endpoint(lab)["reason_id"] == "window"
    assert ("activated", "1.1.0") not in events(lab)
