# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole life of a package by the mirror's commands, and what the real fwupd sees after each: an
endpoint like any other, and a test device, which has the testing remote as well."""

import base64
import json
import pathlib

import pytest

from uclab.mirror import Mirror

REMOTES = pathlib.Path(__file__).resolve().parents[2] / "data/remotes.d"
MODEL = "acme/icon400"


class Life:
    def __init__(self, lab, builddir):
        self.lab = lab
        self.mirror = Mirror(lab.supervisor, lab.directory, builddir)
        self.mirror.init()
        lab.fwupd.trust(payload=self.mirror.anchors("payload"),
                        metadata=self.mirror.anchors("metadata"))
        self.public = self.mirror.root / "public"

    def add(self, version, *options):
        """Imports a version; its id."""
        path = self.lab.endpoint.make_package(version, levels=["2"])
        (package,) = self.mirror.json("import", *options, path)["packages"]
        return package["id"]

    def states(self):
        return {p["version"]: p["state"] for p in self.mirror.json("list")["packages"]}

    def refresh(self, remote, directory):
        done = self.lab.fwupd.fwupdmgr("refresh", directory / "firmware.xml.zst",
                                       directory / "firmware.xml.zst.jcat", remote)
        assert done.returncode == 0, done.stdout + done.stderr

    def releases(self):
        """The versions that fwupd has for the device, all by trusted metadata."""
        found = self.lab.fwupd.json("get-releases", self.lab.device()["DeviceId"])
        if "Error" in found:
            assert found["Error"]["Message"] in ("no components in silo", "No releases found"), found
        releases = found.get("Releases", [])
        for release in releases:
            assert {"trusted-metadata"} <= set(release["Flags"]), release
        return {release["Version"] for release in releases}

    def seen(self):
        """Publishes; what an ordinary endpoint sees, and what a test device does."""
        self.mirror.do("publish")
        self.refresh("ucupdates", self.public)
        ordinary = self.releases()
        self.lab.fwupd.fwupdmgr("enable-remote", "ucupdates-testing")
        self.refresh("ucupdates-testing", self.public / "testing")
        testing = self.releases()
        self.lab.fwupd.fwupdmgr("disable-remote", "ucupdates-testing")
        return ordinary, testing

    def policy(self):
        """What endpoints act on."""
        envelope = json.loads((self.public / "policy.json").read_text())
        return json.loads(base64.b64decode(envelope["payload"]))

    def wanted(self):
        models = self.policy().get("models", [])
        return next(((m.get("use_version"), m.get("or_newer")) for m in models), None)


@pytest.fixture
def life(make_lab, builddir):
    lab = make_lab()
    for remote in sorted(REMOTES.glob("ucupdates*.conf")):
        (lab.fwupd.sysconf / "fwupd/remotes.d" / remote.name).write_bytes(remote.read_bytes())
    made = Life(lab, builddir)
    lab.start()
    lab.fwupd.fwupdmgr("enable-remote", "ucupdates")
    return made


def test_whole_life(life):
    do = life.mirror.do
    assert life.seen() == (set(), set())
    first = life.add("1.1.0")
    do("test-device", "add", "AC1")
    assert life.releases() == set() and not list((life.public / "cabs").iterdir()), \
        "imported: in the mirror, and nowhere else before it is published"
    assert life.seen() == (set(), {"1.1.0"}), "pending: for test devices only"
    assert life.policy()["test_devices"] == ["AC1"]
    do("approve", first)
    assert life.seen() == ({"1.1.0"}, {"1.1.0"})
    second = life.add("1.2.0")
    assert life.seen() == ({"1.1.0"}, {"1.1.0", "1.2.0"})
    do("approve", second)
    assert life.seen() == ({"1.2.0"}, {"1.2.0"}) and life.wanted() is None
    do("use-version", MODEL, "1.1.0")
    assert life.seen()[0] == {"1.1.0", "1.2.0"}, "an endpoint can go back to it"
    assert life.wanted() == ("1.1.0", False)
    do("use-version", MODEL, "1.1.0", "--or-newer")
    held = life.add("1.3.0", "--hold")
    assert life.states()["1.3.0"] == "pending"
    do("reject", held)
    life.add("1.4.0")
    assert life.states()["1.4.0"] == "approved", "newer ones approve themselves"
    assert life.seen()[0] == {"1.1.0", "1.4.0"} and life.wanted() == ("1.1.0", True)
    do("use-version", MODEL, "none")
    assert life.seen() == ({"1.4.0"}, {"1.4.0"}) and life.wanted() is None


def test_restored_rejected_blocked_withdrawn(life):
    do = life.mirror.do
    first, second = life.add("1.1.0"), life.add("1.2.0")
    do("approve", first)
    do("approve", second)
    assert life.seen() == ({"1.2.0"}, {"1.2.0"})
    do("restore", first)
    assert life.seen() == ({"1.1.0"}, {"1.1.0", "1.2.0"}) and life.wanted() == ("1.1.0", False)
    do("reject", second)
    assert life.seen() == ({"1.1.0"}, {"1.1.0"}), "withdrawn: nobody is offered it any more"
    assert life.states() == {"1.1.0": "approved", "1.2.0": "rejected"}
    life.mirror.write_rules("[Policy]\nBlockedVersions=1.1.0\n")
    assert life.seen()[0] == {"1.1.0"}, "what AppStream cannot say is in the policy"
    assert life.policy()["defaults"]["blocked_versions"] == ["1.1.0"]
    (cab,) = (life.public / "cabs").iterdir()
    rc, text = life.lab.install(cab)
    assert rc == 0 and "needs-activation" in life.lab.device()["Flags"], text


def test_withdrawn_with_nothing_in_its_place(life):
    """Approved, published, and then never again, also where it was restored to be the exact one."""
    do = life.mirror.do
    first = life.add("1.1.0")
    do("approve", first)
    assert life.seen() == ({"1.1.0"}, {"1.1.0"})
    do("reject", first)
    assert life.seen() == (set(), set()) and not list((life.public / "cabs").iterdir())
    assert life.states() == {"1.1.0": "rejected"}
    second, third = life.add("1.2.0"), life.add("1.3.0")
    do("approve", second)
    do("approve", third)
    do("restore", second)
    assert life.seen()[0] == {"1.2.0"} and life.wanted() == ("1.2.0", False)
    do("reject", second)
    assert life.seen() == (set(), {"1.3.0"}) and life.wanted() is None
    done = life.mirror.command("restore", third)
    assert (done.returncode, "'restore' takes only one that is to be restored" in done.stderr) \
        == (1, True)
