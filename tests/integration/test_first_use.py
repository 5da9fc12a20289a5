# SPDX-License-Identifier: LGPL-2.1-or-later
"""First use: the organisation's anchors from the network, once, and each refusal before that."""

import json
import os
import shutil

import pytest

from uclab import net
from uclab.forge import Forger, fingerprint
from uclab.lab import Lab

BUILDDIR = os.environ["UC_BUILDDIR"]
WAITS = "the anchors of 'room.example', found on first use, wait for ucupdates-trust"
ENDED = "first use has ended: "


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    """An endpoint after its factory reset, whose image allows first use."""
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        shutil.rmtree(lab.agent.sysconf / "trust.d")
        for name in ("fwupd", "fwupd-metadata"):
            for path in (lab.fwupd.sysconf / "pki" / name).iterdir():
                path.unlink()
        lab.agent.configure("[Service]\nFirstUse=true\n", "40-image.conf")
        yield lab


def record(lab):
    return lab.agent.sysconf / "trust.d/first-use.json"


def anchors(lab):
    return sorted(path for path in (lab.agent.sysconf / "trust.d").rglob("*.pem"))


def trust(lab, *arguments, status=0):
    """What root runs; the sentence."""
    result = lab.agent.ucupdates_trust(*arguments)
    assert result.returncode == status, result.stderr
    return result.stderr


def check(lab, status=1):
    result = lab.agent.ctl("check")
    assert result.returncode == status, result.stderr
    return result.stderr


def apply(lab):
    """What ucupdates-trust.service does: fwupd reads its anchors when it starts."""
    trust(lab, "apply")
    lab.fwupd.restart()


def change_record(lab, **members):
    body = json.loads(record(lab).read_text(encoding="utf-8"))
    body.update(members)
    record(lab).write_text(json.dumps(body), encoding="utf-8")


def bundle_fingerprint(lab):
    return lab.mirror.json("key", "list")["fingerprint"]


def test_image_does_not_allow_it(lab):
    (lab.agent.sysconf / "ucupdates.conf.d/40-image.conf").unlink()
    assert "ucupdates.conf has no [Service] FirstUse=true" in trust(lab, "first-use", status=1)
    assert not record(lab).exists()
    lab.start_endpoint()
    assert "no usable CA certificate in" in check(lab)
    # nor does root when the agent's state says so
    shutil.copy(lab.mirror.root / "public/.well-known/ucupdates-trust.json",
                lab.agent.state / "first-use.json")
    assert "ucupdates.conf has no [Service] FirstUse=true" in trust(lab, "apply", status=1)
    assert anchors(lab) == []


ENDINGS = [
    ({"boot_id": "of the boot before"}, "the machine was restarted since it began"),
    ({"opened_boot_secs": 2**40}, "its ten minutes are over"),
    ({"done": True}, "an administrator installed anchors"),
    ({"organisation": "room.example", "fingerprint": "0"}, "anchors were taken already"),
    ({"format": "another"}, "expected 'ucupdates-first-use-1'"),
]


def refused(lab, sentence):
    """By the agent, which asks nobody then, and by root, whatever the agent's state says."""
    assert sentence in check(lab)
    assert lab.dns.queries() == []
    left = lab.agent.state / "first-use.json"
    assert not left.exists()
    shutil.copy(lab.mirror.root / "public/.well-known/ucupdates-trust.json", left)
    assert sentence in trust(lab, "apply", status=1)
    assert anchors(lab) == []
    left.unlink()


def test_not_begun_and_ended(lab):
    """Also where the record is from another boot, or is none."""
    lab.start_endpoint()
    refused(lab, "first use has not begun")
    trust(lab, "first-use")
    good = record(lab).read_bytes()
    for members, sentence in ENDINGS:
        change_record(lab, **members)
        refused(lab, sentence)
        record(lab).write_bytes(good)
    # with the wall clock a year behind the ten minutes are over all the same
    change_record(lab, opened_boot_secs=0)
    lab.agent.pass_time(601)
    assert ENDED + "its ten minutes are over" in check(lab)


def test_restart_of_the_agent(lab):
    """Neither that nor a second beginning gives more minutes."""
    trust(lab, "first-use")
    before = record(lab).read_bytes()
    lab.mirror.stop()
    lab.start_endpoint()
    assert ENDED not in check(lab)
    assert "first use has begun before" in trust(lab, "first-use", status=1)
    assert record(lab).read_bytes() == before
    lab.agent.pass_time(601)
    lab.agent.stop()
    lab.mirror.start()
    lab.agent.start()
    assert ENDED + "its ten minutes are over" in check(lab)
    assert not (lab.agent.state / "first-use.json").exists()


def middleman(lab, forger, stranger):
    """What one can put together who is in between: each half has to fit the other."""
    bundle = lab.mirror.root / "public/.well-known/ucupdates-trust.json"
    yield ("trust is not signed by an anchor in", bundle,
           lambda: forger.replace(lambda body: body["anchors"].update(documents=[stranger]),
                                  path=bundle))
    yield ("the server's certificate is not issued by the organisation's CA", bundle,
           lambda: forger.replace(lambda body: body["anchors"].update(tls=[stranger]), path=bundle))
    yield ("service-description is not signed by an anchor in", forger.description,
           lambda: forger.replace(lambda body: None, purpose="metadata"))
    yield ("it is of the organisation 'other.example', expected 'room.example'",
           forger.description,
           lambda: forger.replace(lambda body: body.update(organisation="other.example")))
    yield "404", bundle, bundle.unlink


def test_who_answers(lab, tmp_path):
    """Two services; then one whose halves are not of one piece; then it would be taken."""
    forger = Forger(lab.mirror, tmp_path)
    left = lab.agent.state / "first-use.json"
    trust(lab, "first-use")
    lab.dns.add_host("ucupdates-r2.other.example", "192.0.2.99")
    lab.dns.restart()
    net.set_resolv_conf(lab.base, f"search room.example other.example\nnameserver {net.DNS}\n")
    lab.start_endpoint()
    # which one is meant nobody knows, although nobody is there at the second one
    assert "two services offer themselves on first use, ucupdates-r2.room.example and " \
           "ucupdates-r2.other.example" in check(lab)
    net.set_resolv_conf(lab.base, f"search room.example\nnameserver {net.DNS}\n")
    stranger = forger.make_ca(tmp_path / "stranger")[0].read_text(encoding="utf-8")
    for sentence, path, change in middleman(lab, forger, stranger):
        good = path.read_bytes()
        change()
        assert sentence in check(lab)
        path.unlink(missing_ok=True)
        path.write_bytes(good)
        assert not left.exists() and anchors(lab) == []
    assert WAITS in check(lab)
    assert left.exists()


def test_taken_once(lab, tmp_path):
    """The way it should go; loud everywhere; and never again."""
    trust(lab, "first-use")
    lab.start_endpoint()
    assert WAITS in check(lab)
    assert anchors(lab) == [], "the agent installs nothing"
    assert lab.agent.json("service").get("organisation") is None, "nobody is trusted yet"
    apply(lab)
    names = {path.parent.name: path.name for path in anchors(lab)}
    assert set(names) == {"tls", "documents", "payload", "metadata", "recovery"}
    assert {path.name for path in (lab.fwupd.sysconf / "pki/fwupd").iterdir()} == {names["payload"]}
    check(lab, 0)
    found = bundle_fingerprint(lab)
    sentence = f"compare the fingerprint {found} with `ucupdates-mirror key list`"
    status = lab.agent.json("status")
    assert status["organisation"] == "room.example"
    assert status["first_use"].startswith("the anchors of room.example were taken from the network")
    assert sentence in status["first_use"]
    for command in ("status", "explain"):
        assert found in "".join(lab.agent.ctl(command).stdout.split()), command
    log = lab.agent.process.log_text()
    assert log.count("service: first-use: the anchors of room.example were taken") == 1, log
    lab.agent.wait_for(lambda: check(lab, 0) == "" and "first-use" in str(lab.mirror.json(
        "endpoint", lab.mirror.json("endpoints")["endpoints"][0]["id"])), 60, "the inventory")
    assert not (lab.agent.state / "first-use.json").exists()
    # a second key, as a later man in the middle or an agent that was taken over would have it
    forger = Forger(lab.mirror, tmp_path)
    other = forger.make_ca(tmp_path / "other")
    bundle = lab.mirror.root / "public/.well-known/ucupdates-trust.json"
    forger.replace(lambda body: body["anchors"].update(
        recovery=[other[0].read_text(encoding="utf-8")]), path=bundle)
    before = {path: path.read_bytes() for path in anchors(lab)}
    for _ in range(2):
        shutil.copy(bundle, lab.agent.state / "first-use.json")
        assert ENDED + "anchors were taken already" in trust(lab, "apply", status=1)
        for path in anchors(lab):
            path.unlink()  # even where an administrator removed them
    assert anchors(lab) == []
    assert "is there: first use has begun before" in trust(lab, "first-use", status=1)
    assert fingerprint(other[0]) not in str(before)


def test_killed_in_between(lab, tmp_path):
    """After the record and before the last anchor: the same bundle goes on, another one does not."""
    trust(lab, "first-use")
    lab.start_endpoint()
    assert WAITS in check(lab)
    left = lab.agent.state / "first-use.json"
    found = bundle_fingerprint(lab)
    change_record(lab, organisation="room.example", fingerprint=found, boot_id="of the boot before")
    good = left.read_bytes()
    forger = Forger(lab.mirror, tmp_path)
    other = forger.make_ca(tmp_path / "other")[0].read_text(encoding="utf-8")
    bundle = lab.mirror.root / "public/.well-known/ucupdates-trust.json"
    forger.replace(lambda body: body["anchors"].update(recovery=[other]), path=bundle)
    shutil.copy(bundle, left)
    assert ENDED + "anchors were taken already" in trust(lab, "apply", status=1)
    left.write_bytes(good)
    apply(lab)
    assert json.loads(record(lab).read_text(encoding="utf-8"))["done"] is True
    check(lab, 0)


def test_administrator_comes_first(lab):
    """A bundle that was brought ends first use, and nothing says any more that there is no proof."""
    trust(lab, "first-use")
    lab.start_endpoint()
    assert WAITS in check(lab)
    apply(lab)
    check(lab, 0)
    assert "first_use" in lab.agent.json("status")
    lab.agent.trust(lab.mirror)
    assert "first_use" not in lab.agent.json("status")
    assert "trust:" not in lab.agent.ctl("status").stdout
    for path in anchors(lab):
        path.unlink()
    shutil.copy(lab.mirror.root / "public/.well-known/ucupdates-trust.json",
                lab.agent.state / "first-use.json")
    assert ENDED + "an administrator installed anchors" in trust(lab, "apply", status=1)
