# SPDX-License-Identifier: LGPL-2.1-or-later
"""fwupd moves on under a running endpoint: told everywhere, nothing is lost, all goes on later."""

import os
import pathlib
import shutil
import subprocess

import pytest

from uclab.lab import Lab

BUILDDIR = pathlib.Path(os.environ["UC_BUILDDIR"])
FWUPD = subprocess.run(["pkg-config", "--modversion", "fwupd"], capture_output=True, text=True,
                       check=True).stdout.strip()
SENTENCE = (f"plugin built for fwupd 2.0.1, fwupd is {FWUPD}: updates wait; "
            "run ucupdates-rebuild-plugin as root")
MODULE = "libfu_plugin_uc_endpoint.so"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        yield lab


def built_for(lab, version):
    vendor = lab.agent.directory / "vendor"
    vendor.mkdir(exist_ok=True)
    (vendor / "plugin.conf").write_text(f"[Plugin]\nFwupd={version}\n")


def take_module(lab, source):
    """What is in the directory of the fwupd that runs; None for nothing."""
    module = lab.fwupd.directory / "plugins" / MODULE
    module.unlink(missing_ok=True)
    if source is not None:
        shutil.copy(source, module)


def status(lab):
    return lab.agent.json("status")


def wait_for_problem(lab, text):
    lab.agent.wait_for(lambda: status(lab).get("plugin_error") == text, 60, f"'{text}' in status")


def inventory(lab):
    return [(entry["model"], entry["version"], entry["reason"])
            for entry in lab.mirror.json("endpoints")["endpoints"]]


def is_staged(lab):
    device = lab.fwupd.devices().get(lab.endpoint.name)
    return device is not None and "needs-activation" in device["Flags"]


def move_on(lab, module):
    """fwupd is replaced by another version, whose directory holds at most `module`."""
    lab.fwupd.stop()
    take_module(lab, module)
    built_for(lab, "2.0.1")
    lab.fwupd.start()


def come_back(lab):
    lab.fwupd.stop()
    take_module(lab, BUILDDIR / "plugins/uc-endpoint" / MODULE)
    built_for(lab, FWUPD)
    lab.fwupd.start()


def test_fwupd_moves_on(lab):
    """With an update staged: it waits, untouched, and is activated after the rebuild."""
    built_for(lab, FWUPD)
    lab.start()
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(lambda: is_staged(lab), 60, "1.1.0 staged")
    assert "plugin_error" not in status(lab)
    lab.agent.wait_for(lambda: status(lab)["work"] == "idle", 30, "an agent that waits")
    before = lab.endpoint.fingerprint()
    move_on(lab, None)
    wait_for_problem(lab, SENTENCE)
    text = lab.agent.ctl("status").stdout
    assert "failure:    plugin built for fwupd 2.0.1, fwupd is " in text, text
    lab.agent.wait_for(lambda: inventory(lab) == [("icon400", "1.0.0", SENTENCE)], 60,
                       f"the inventory to say it: {inventory(lab)}")
    assert lab.agent.pass_time(301).returncode == 0
    assert lab.endpoint.fingerprint() == before
    log = lab.agent.process.log_text()
    assert f"fwupd: plugin: {SENTENCE}" in log, log
    assert log.count(SENTENCE) == 1, "told once"
    come_back(lab)
    lab.agent.wait_for(lambda: "plugin_error" not in status(lab), 60, "the plugin")
    lab.agent.wait_for(lambda: status(lab)["endpoints"][:1] != [], 60, "the endpoint")
    assert lab.agent.pass_time(301).returncode == 0
    lab.agent.wait_for(lambda: lab.endpoint.boots_next() == "B", 60, "1.1.0 activated")
    assert SENTENCE not in str(inventory(lab))


def test_module_of_another_version(lab):
    """One that lies in fwupd's directory all the same touches nothing of another interface."""
    lab.start()
    move_on(lab, BUILDDIR / "tests/plugins" / MODULE)
    wait_for_problem(lab, SENTENCE)
    assert lab.fwupd.devices() == {}
    log = lab.fwupd.process.log_text()
    assert f"plugin built for fwupd 2.0.1, fwupd is {FWUPD}: it does nothing" in log, log


def test_other_reasons(lab):
    """No plugin at all; one that is disabled."""
    take_module(lab, None)
    lab.start()
    wait_for_problem(lab, "fwupd has no plugin uc_endpoint: updates wait; install the package "
                          "fwupd-plugin-uc-endpoint, or run ucupdates-rebuild-plugin as root")
    conf = lab.fwupd.sysconf / "fwupd/fwupd.conf"
    conf.write_text(conf.read_text().replace("DisabledPlugins=", "DisabledPlugins=uc_endpoint;"))
    come_back(lab)
    wait_for_problem(lab, "fwupd's plugin uc_endpoint is disabled: updates wait; see "
                          "DisabledPlugins= in fwupd.conf")
