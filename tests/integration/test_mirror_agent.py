# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the real agent, enrolled with its own key, makes of the mirror's commands, and of a mirror that
came back from yesterday's backup."""

import os
import shutil
import sqlite3

import pytest

from uclab.lab import RULES, Lab
from uclab.sign_in import sign_in

BUILDDIR = os.environ["UC_BUILDDIR"]
MODEL = "acme/icon400"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        lab.mirror.stop()
        rules(lab)
        lab.mirror.do("publish")
        lab.mirror.start()
        lab.start_endpoint()
        with lab.mirror.signing():
            check(lab)
            assert lab.agent.json("status")["certificate"] == "issued"
            yield lab


def rules(lab, text=""):
    # nothing is to be applied while the test looks at what is staged
    lab.mirror.write_rules(RULES.format(idle_secs=86400) + text + "[Publish]\nEnrolment=open\n")


def check(lab):
    """A look that worked; on a busy machine polkit or fwupd may take more than one."""
    lab.agent.wait_for(lambda: lab.agent.ctl("check").returncode == 0, 60, "a look for updates")


def add(lab, version):
    path = lab.endpoint.make_package(version, levels=["2"])
    return lab.mirror.json("import", path)["packages"][0]["id"]


def staged(lab):
    endpoint, = lab.agent.json("status")["endpoints"]
    return endpoint["version_new"] if endpoint["progress"] == "staged" else None


def expect(lab, version, what):
    """Published, the agent comes to have exactly that staged, and the mirror hears of it."""
    lab.mirror.do("publish")
    check(lab)
    lab.agent.wait_for(lambda: staged(lab) == version, 60, what)
    check(lab)
    entry, = lab.mirror.json("endpoints")["endpoints"]
    assert entry["state"] == ("staged" if version else "current"), what


def test_life(lab):
    do = lab.mirror.do
    first = add(lab, "1.1.0")
    expect(lab, None, "pending is not for everybody")
    do("approve", first)
    expect(lab, "1.1.0", "approved")
    second = add(lab, "1.2.0")
    expect(lab, "1.1.0", "the next one is pending")
    do("test-device", "add", "AC0001")
    expect(lab, "1.2.0", "pending, for a test device")
    do("test-device", "remove", "AC0001")
    expect(lab, "1.1.0", "and for none any more")
    do("approve", second)
    expect(lab, "1.2.0", "approved")
    do("use-version", MODEL, "1.1.0")
    expect(lab, "1.1.0", "exactly that one")
    do("use-version", MODEL, "none")
    expect(lab, "1.2.0", "what is approved again")
    do("restore", first)
    expect(lab, "1.1.0", "restored")
    rules(lab, "BlockedVersions=1.1.0\n")
    expect(lab, None, "blocked")
    rules(lab)
    expect(lab, "1.1.0", "not blocked any more")


def test_place_and_person(lab):
    """The inventory has the time zone, and who has signed in only where that is switched on."""
    def details():
        check(lab)
        return lab.mirror.json("endpoint", "AC0001")["details"]

    def restart():
        lab.agent.stop()
        lab.agent.start()
        assert sign_in(lab, "alice", b"s3cret") == (None, "")
        return details()

    lab.agent.zone = "Asia/Tokyo"
    found = restart()
    assert found["zone"] == "Asia/Tokyo" and "user" not in found
    assert "Asia/Tokyo" in lab.mirror.do("endpoint", "AC0001")
    lab.agent.configure("[Service]\nTellUser=true\n", "60-user.conf")
    assert restart()["user"] == "alice"
    result = lab.bus.call("org.ucupdates.Agent", "/org/ucupdates/Agent",
                          "org.ucupdates.Agent1.SignOut")
    assert result.returncode == 0, result.stderr
    assert "user" not in details()


def backup(lab, directory):
    """As docs/deployment.md says."""
    root = lab.mirror.root
    directory.mkdir()
    with sqlite3.connect(root / "mirror.db") as source, \
            sqlite3.connect(directory / "mirror.db") as target:
        source.backup(target)
    for name in ("keys", "trust", "rules.d", "packages"):
        shutil.copytree(root / name, directory / name)
    for name in ("keys.json", "access"):
        if (root / name).exists():
            shutil.copy(root / name, directory)


def test_yesterdays_backup(lab, tmp_path):
    """What was published since is lost, and nothing that endpoints hold against the mirror."""
    lab.mirror.do("approve", add(lab, "1.1.0"))
    expect(lab, "1.1.0", "yesterday")
    backup(lab, tmp_path / "backup")
    lab.mirror.do("approve", add(lab, "1.2.0"))
    for _ in range(3):
        lab.mirror.do("publish")
    expect(lab, "1.2.0", "today")
    before = lab.agent.json("service")["serial"]
    certificate = (lab.agent.state / "endpoint.pem").read_text(encoding="utf-8")
    lab.mirror.kill()
    shutil.rmtree(lab.mirror.root)
    shutil.copytree(tmp_path / "backup", lab.mirror.root)
    lab.mirror.do("publish")
    lab.mirror.start()
    expect(lab, "1.1.0", "what the backup knows")
    assert lab.agent.json("service")["serial"] > before
    status = lab.agent.json("status")
    assert "check_error" not in status and status["certificate"] == "issued"
    assert (lab.agent.state / "endpoint.pem").read_text(encoding="utf-8") == certificate
    lab.agent.wait_for(lambda: lab.agent.json("status")["reports_waiting"] == 0, 60, "the reports")
    entry = lab.mirror.json("endpoint", "AC0001")
    assert not [r for r in entry["reports"] if r["event"] == "refused"]
