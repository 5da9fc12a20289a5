# SPDX-License-Identifier: LGPL-2.1-or-later
"""A service that must not be believed: each case with its exact sentence, and nothing changed."""

import hashlib
import json
import os
import pathlib
import time

import pytest

from uclab.forge import time_text
from uclab.lab import Lab
from uclab.process import run

BUILDDIR = os.environ["UC_BUILDDIR"]


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        yield lab


def refused(lab, status=5):
    """Discover, expect that exit status, and return the sentence."""
    plain = lab.agent.discover()
    result = lab.agent.discover("--json")
    document = json.loads(result.stdout)
    assert plain.returncode == result.returncode == status, plain.stderr + result.stdout
    assert document["service"] is None and not document["verified"]
    if status == 5:
        assert document["outcome"] == "refused"
        return document["refusals"][0]["reason"]
    return plain.stdout + plain.stderr


def test_found(lab):
    result = lab.agent.discover("--json")
    document = json.loads(result.stdout)
    assert result.returncode == 0, result.stderr
    assert document["outcome"] == "found" and document["verified"]
    assert document["domain_source"] == "resolv.conf"
    assert document["name"] == "ucupdates-r2.room.example"
    assert document["service"]["url"].startswith("https://ucupdates-r2.room.example")


def test_certificate_for_another_name(lab, forger, tmp_path):
    lab.mirror.stop()
    forger.install_tls(forger.issue(forger.pair("tls", "ca"), "www.room.example", tmp_path / "tls"))
    lab.mirror.start()
    assert refused(lab).endswith("the server's certificate is for another name")


def test_certificate_of_another_ca(lab, forger, tmp_path):
    lab.mirror.stop()
    ca = forger.make_ca(tmp_path / "ca")
    forger.install_tls(forger.issue(ca, "ucupdates-r2.room.example", tmp_path / "tls"))
    lab.mirror.start()
    assert refused(lab).endswith("the server's certificate is not issued by the organisation's CA")


@pytest.mark.parametrize("purpose", ["payload", "metadata", "tls"])
def test_document_signed_for_another_purpose(lab, forger, purpose):
    forger.replace(lambda body: None, purpose=purpose)
    assert "service-description is not signed by an anchor in" in refused(lab)


def test_description_signed_by_hand_counts(lab, forger):
    """The forged ones are refused for what is wrong with them, not for how they are made."""
    forger.replace(lambda body: None)
    assert lab.agent.discover().returncode == 0


def test_description_of_another_type(lab, forger):
    forger.replace(lambda body: body.update(type="policy"))
    assert refused(lab).endswith(
        "service-description: the document's type is 'policy', expected 'service-description'"
    )


def test_description_expired(lab, forger):
    forger.replace(lambda body: body.update(issued=time_text(-7200), expires=time_text(-60)))
    assert "service-description: expired at " in refused(lab)


def test_description_from_the_future_is_a_wrong_clock(lab, forger):
    forger.replace(lambda body: body.update(issued=time_text(7200), expires=time_text(9000)))
    assert "issued in the future by this machine's clock" in refused(lab, status=4)


def test_description_for_other_domains(lab, forger):
    forger.replace(lambda body: body.update(domains=["other.example"]))
    assert "room.example" in refused(lab)


def test_no_such_document(lab, forger):
    forger.description.unlink()
    refused(lab, status=3)


def test_mirror_down(lab):
    lab.mirror.stop()
    refused(lab, status=4)


def agent_knows(lab):
    """What fwupd and the agent have of the organisation's releases."""
    metadata = lab.fwupd.localstate / "lib/fwupd/metadata/ucupdates"
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (metadata.iterdir() if metadata.exists() else [])
    }


def test_agent_refuses_an_older_serial(lab, forger):
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    before = agent_knows(lab)
    forger.replace(lambda body: body.update(serial=5))
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "serial 5 is older than" in result.stderr
    assert agent_knows(lab) == before
    assert "serial 5 is older than" in lab.agent.ctl("status").stdout
    lab.agent.ctl("check")
    events = [entry for entry in lab.agent.json("history")["entries"]
              if entry["event"] == "refused"]
    assert len(events) == 1 and "serial 5 is older than" in events[0]["message"]
    # with another number in it the sentence is another one, but it is the same refusal
    forger.replace(lambda body: body.update(serial=4))
    assert lab.agent.ctl("check").returncode == 1
    events = [entry for entry in lab.agent.json("history")["entries"]
              if entry["event"] == "refused"]
    assert len(events) == 1 and "serial 4 is older than" in events[0]["message"]
    # the organisation hears of it, once, as soon as its service is itself again
    lab.mirror.do("publish")
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.wait_for(
        lambda: [e["last_event"] for e in lab.mirror.json("endpoints")["endpoints"]] == ["refused"],
        30, "the report",
    )


FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def start_agent_at(lab, offset):
    lab.agent.stop()
    lab.agent.start({"LD_PRELOAD": FAKETIME, "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"})


needs_faketime = pytest.mark.skipif(
    "UC_SANITIZER" in os.environ or not os.path.exists(FAKETIME),
    reason="libfaketime and a sanitizer do not go together, or it is not installed",
)


@needs_faketime
@pytest.mark.parametrize("offset,sentence", [
    ("-400d", "this machine's clock is in the past; waiting until it is synchronised"),
    ("+90d", "expired"),
    ("+3650d", "the last service: service-description is not signed by an anchor"),
])
def test_wrong_clock_erases_nothing(lab, offset, sentence):
    """A clock before what was signed is waited for; a freeze or one far ahead is refused."""
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    before = {name: (lab.agent.state / name).read_bytes()
              for name in ("service.json", "last-service.json", "policy.json")}
    start_agent_at(lab, offset)
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert sentence in result.stderr
    assert sentence in lab.agent.ctl("status").stdout
    for name, data in before.items():
        assert (lab.agent.state / name).read_bytes() == data, name
    lab.agent.stop()
    lab.agent.start()
    assert lab.agent.ctl("check").returncode == 0


@needs_faketime
def test_past_clock_sends_nothing(lab):
    """Not even a question to DNS: nothing that comes back could be judged."""
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    lab.agent.stop()
    asked = len(lab.dns.queries())
    lab.agent.start({"LD_PRELOAD": FAKETIME, "FAKETIME": "-400d",
                     "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    assert lab.agent.ctl("check").returncode == 1
    assert lab.dns.queries()[asked:] == []


def test_agent_refuses_an_expired_policy(lab, forger):
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    policy = lab.mirror.root / "public/policy.json"
    forger.replace(
        lambda body: body.update(
            issued=time_text(-7200), expires=time_text(-60), serial=body["serial"] + 1
        ),
        path=policy,
    )
    describe(lab, forger, policy)
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "policy: expired at " in result.stderr


def describe(lab, forger, path, member="policy"):
    """Make the description name the present bytes of a file, and sign it again."""
    data = pathlib.Path(path).read_bytes()

    def change(body):
        body["serial"] += 1
        entry = body[member] if member == "policy" else body["remotes"][0][member]
        entry["size_bytes"] = len(data)
        entry["sha256"] = hashlib.sha256(data).hexdigest()

    forger.replace(change)


def test_agent_refuses_policy_bytes_that_are_not_described(lab, forger):
    """The description names other bytes than the server sends, both properly signed."""
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    policy = lab.mirror.root / "public/policy.json"
    sent = policy.read_bytes()
    forger.replace(lambda body: body.update(serial=body["serial"] + 1), path=policy)
    describe(lab, forger, policy)
    policy.write_bytes(sent)
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "policy.json" in result.stderr and "SHA-256" in result.stderr


def sign_again(lab, forger, tmp_path, purpose, env=None):
    """Replace the signature of the metadata that is published."""
    metadata = lab.mirror.root / "public/firmware.xml.zst"
    copy = tmp_path / metadata.name
    copy.write_bytes(metadata.read_bytes())
    jcat = pathlib.Path(f"{copy}.jcat")
    jcat.unlink(missing_ok=True)
    run(["jcat-tool", "self-sign", jcat, copy, "--kind", "sha256"], check=True)
    run(["jcat-tool", "sign", jcat, copy, *forger.pair(purpose)], env=env, check=True)
    signature = lab.mirror.root / "public/firmware.xml.zst.jcat"
    signature.unlink()
    signature.write_bytes(jcat.read_bytes())
    return signature


def sign_metadata(lab, forger, tmp_path, purpose):
    """Publish something new, with its metadata signed by the key of that purpose."""
    lab.start_endpoint()
    assert lab.agent.ctl("check").returncode == 0
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    return sign_again(lab, forger, tmp_path, purpose)


def still_nothing(lab, before):
    """fwupd has the metadata that it had, and offers nothing."""
    return agent_knows(lab) == before and lab.fwupd.fwupdmgr("get-updates").returncode == 2


@pytest.mark.parametrize("purpose", ["documents", "tls", "payload"])
def test_metadata_with_a_wrong_signature(lab, forger, tmp_path, purpose):
    """Even if the description names it. For fwupd alone the payload key would do: it has one key
    ring for payloads and metadata."""
    signature = sign_metadata(lab, forger, tmp_path, purpose)
    before = agent_knows(lab)
    describe(lab, forger, signature, "signature")
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "the metadata is not signed by the organisation's metadata anchor" in result.stderr
    assert still_nothing(lab, before)


def test_metadata_that_is_not_described(lab, forger, tmp_path):
    sign_metadata(lab, forger, tmp_path, "metadata")
    before = agent_knows(lab)
    result = lab.agent.ctl("check")
    assert result.returncode == 1
    assert "firmware.xml.zst.jcat has" in result.stderr
    assert "by the service description" in result.stderr
    assert still_nothing(lab, before)


@needs_faketime
def test_metadata_of_the_same_second(lab, forger, tmp_path):
    """fwupd passes over it without a word; the agent says so until there is another signature."""
    second = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    env = {"LD_PRELOAD": FAKETIME, "FAKETIME": second, "TZ": "UTC"}
    describe(lab, forger, sign_again(lab, forger, tmp_path, "metadata", env), "signature")
    lab.start_endpoint()
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    describe(lab, forger, sign_again(lab, forger, tmp_path, "metadata", env), "signature")
    for _ in range(2):
        result = lab.agent.ctl("check")
        assert result.returncode == 1
        assert ("fwupd does not take the metadata: it was signed in the same second as what fwupd "
                "has; publish again on the mirror") in result.stderr
        assert lab.fwupd.fwupdmgr("get-updates").returncode == 2
    lab.mirror.do("publish")
    result = lab.agent.ctl("check")
    assert result.returncode == 0, result.stderr
    updates = lab.fwupd.json("get-updates")["Devices"]
    assert [release["Version"] for release in updates[0]["Releases"]] == ["1.1.0"]
