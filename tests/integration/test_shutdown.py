# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine goes down with an update staged, and sleep, as logind tells it."""

import configparser
import os

import pytest

from uclab.lab import Lab
from uclab.logind import Logind

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    # nobody will be idle for a day, so that only the shutdown can apply anything
    with Lab(short_dir, BUILDDIR, idle_secs=86400) as lab:
        yield lab


def device(lab):
    return lab.fwupd.devices()[lab.endpoint.name]


def is_staged(lab):
    return "needs-activation" in device(lab)["Flags"]


def events(lab):
    return [entry["event"] for entry in lab.agent.json("history")["entries"]]


def explain(lab):
    return lab.agent.json("explain")["endpoints"][0]


def permit(lab):
    return lab.fwupd.rundir / "ucupdates/permit"


def stage(lab, rules=""):
    """Everything up with 1.1.0 staged; returns the logind."""
    lab.start_service()
    if rules:
        lab.mirror.write_rules(rules)
        lab.mirror.do("publish")
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    lab.agent.start()
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "the staged update")
    lab.agent.wait_for(lambda: lab.agent.json("status")["work"] == "idle", 30, "rest")
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor")
    return logind


def wait_until_let_go(lab, logind):
    lab.agent.wait_for(lambda: not logind.waits_for_agent(), 30, "the end of the inhibitor")


def test_shutdown_applies_what_is_staged(lab):
    logind = stage(lab)
    assert explain(lab)["action"] == "wait" and lab.endpoint.boots_next() == "A"
    logind.prepare_for_shutdown()
    wait_until_let_go(lab, logind)
    # logind went on only after the boot loader had been told
    assert lab.endpoint.boots_next() == "B"
    assert not is_staged(lab) and not permit(lab).exists()
    assert "activated" in events(lab)
    assert "is not done in time" not in lab.agent.process.log_text()
    lab.restart_endpoint()
    assert device(lab)["Version"] == "1.1.0"
    lab.agent.wait_for(lambda: "success" in events(lab), 30, "success")


def test_shutdown_called_off(lab):
    """What was switched to stays; logind waits for the agent the next time as well."""
    logind = stage(lab, "[Policy]\nWindows=00:00-24:00\nIdleSec=86400\nApplyOnShutdown=false\n")
    logind.prepare_for_shutdown()
    wait_until_let_go(lab, logind)
    assert is_staged(lab) and explain(lab)["reason_id"] == "shutdown"
    logind.prepare_for_shutdown(False)
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor again")
    lab.agent.wait_for(lambda: explain(lab)["reason_id"] != "shutdown", 10, "as before")
    assert lab.endpoint.boots_next() == "A"


def test_shutdown_in_a_call(lab):
    logind = stage(lab)
    call = lab.agent.hold(60, "a call to Berlin")
    lab.agent.wait_for(lambda: lab.agent.json("status")["use"] == "call", 10, "the call")
    logind.prepare_for_shutdown()
    wait_until_let_go(lab, logind)
    assert is_staged(lab) and lab.endpoint.boots_next() == "A"
    assert not permit(lab).exists()
    call.stop()


def test_permit_when_time_runs_out(lab):
    """fwupd hangs: logind goes on, and the permit names the staged image and no other."""
    logind = stage(lab)
    record = configparser.ConfigParser()
    record.read(lab.fwupd.localstate / f"lib/fwupd/uc-endpoint/{lab.endpoint.endpoint_id}.state")
    lab.fwupd.process.freeze()
    logind.prepare_for_shutdown()
    lab.agent.process.wait_for_log("is not done in time for the shutdown")
    wait_until_let_go(lab, logind)
    assert permit(lab).read_text() == record["Staged"]["Sha256"]
    assert permit(lab).stat().st_mode & 0o777 == 0o640
    logind.prepare_for_shutdown(False)
    lab.agent.wait_for(lambda: not permit(lab).exists(), 10, "the end of the permit")


def test_permit_of_the_last_run_is_void(lab):
    permit(lab).write_text("0" * 64)
    lab.bus.start()
    lab.agent.start()
    assert not permit(lab).exists()


def test_resume_is_activity(lab):
    """Whoever woke the machine is there, before any program says so."""
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.agent.start()
    lab.agent.wait_for(lambda: lab.agent.json("status")["idle_secs"] >= 2, 15, "idleness")
    logind.prepare_for_sleep()
    assert lab.agent.json("status")["idle_secs"] >= 2
    logind.prepare_for_sleep(False)
    lab.agent.wait_for(lambda: lab.agent.json("status")["idle_secs"] < 2, 5, "activity")


def test_logind_restarts(lab):
    """A new logind knows nothing of the old inhibitor."""
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    lab.agent.start()
    logind.start()
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor")
    logind.stop()
    logind.start()
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor again")


def test_logind_ends_on_the_way_down(lab):
    """Whoever would say that the machine does not go down after all is gone: it goes on as before."""
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.agent.start()
    lab.agent.wait_for(logind.waits_for_agent, 10, "the inhibitor")
    logind.prepare_for_shutdown()
    lab.agent.process.wait_for_log("the machine goes down", 30)
    logind.stop()
    logind.start()
    lab.agent.process.wait_for_log("the machine does not go down after all", 30)
    lab.agent.wait_for(logind.waits_for_agent, 30, "the inhibitor again")


def test_logind_is_slow_at_the_start(lab):
    """As on a small device, where polkit has to start before logind may answer."""
    lab.start_service()
    lab.bus.start()
    logind = Logind(lab.supervisor, lab.bus)
    logind.start()
    lab.fwupd.start()
    logind.process.freeze()
    lab.agent.configure("[Agent]\nCallSources=logind\nActivitySources=agent\n")
    lab.agent.start()
    lab.agent.process.wait_for_log("logind does not answer", 60)
    logind.process.thaw()
    lab.agent.wait_for(logind.waits_for_agent, 60, "the inhibitor")
