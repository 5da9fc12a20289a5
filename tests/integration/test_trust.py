# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whose endpoint this is: the ways to the service, enrolment, foreign networks, forgetting."""

import base64
import os
import pathlib
import shutil

import pytest

from uclab import net
from uclab.forge import key_fingerprint
from uclab.lab import DOMAIN, SERVICE, Lab
from uclab.process import wait_for
from uclab.sign_in import sign_in
from uclab.web import Web

BUILDDIR = os.environ["UC_BUILDDIR"]
URL = f"https://{SERVICE}/"
OUTSIDE = "updates.outside.example"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        yield lab


def service(lab):
    return lab.agent.json("service")


def network(lab, domain):
    """Move to a network with that domain."""
    net.set_resolv_conf(lab.base, f"search {domain}\nnameserver {net.DNS}\n")


def test_last_service_while_dns_is_down(lab):
    lab.start_endpoint()
    lab.agent.check()
    assert service(lab)["way"] in ("dns", "last")
    lab.dns.process.stop()
    lab.agent.check()
    assert service(lab)["way"] == "last"
    lab.agent.stop()
    lab.agent.start()
    assert service(lab)["service"] == URL, "known before anything was asked"
    lab.agent.check()
    assert service(lab)["way"] == "last"


def test_temporary_failure_erases_nothing(lab):
    lab.start_endpoint()
    lab.agent.check()
    before = service(lab)
    lab.mirror.stop()
    lab.dns.process.stop()
    assert lab.agent.check(1)
    after = service(lab)
    assert {key: after[key] for key in ("service", "organisation", "domains", "serial")} == {
        key: before[key] for key in ("service", "organisation", "domains", "serial")
    }
    lab.mirror.start()
    lab.agent.check()
    assert service(lab)["way"] == "last"


def test_given_url_comes_first(lab):
    lab.start_endpoint()
    lab.agent.check()
    result = lab.agent.ctl("service", URL)
    assert result.returncode == 0, result.stderr
    assert service(lab)["way"] == "given" and service(lab)["given_url"] == URL
    lab.agent.stop()
    lab.agent.start()
    lab.agent.check()
    assert service(lab)["way"] == "given"
    assert lab.agent.ctl("service", "").returncode == 0
    lab.agent.check()
    assert service(lab)["way"] == "last" and "given_url" not in service(lab)


def test_given_url_of_another_organisation(lab, forger):
    lab.start_endpoint()
    lab.agent.check()
    forger.replace(lambda body: body.update(organisation="other.example",
                                            serial=body["serial"] + 1))
    result = lab.agent.ctl("service", URL)
    assert result.returncode == 1
    assert "it is of the organisation 'other.example', expected 'room.example'" in result.stderr
    assert "given_url" not in service(lab)
    assert service(lab)["organisation"] == DOMAIN


@pytest.mark.parametrize("url", ["http://updates.room.example/", "https://192.0.2.10/", "x"])
def test_given_url_that_is_none(lab, url):
    lab.start_endpoint()
    result = lab.agent.ctl("service", url)
    assert result.returncode == 1
    assert f"'{url}' is no URL of a service, expected https://HOST[:PORT]/" in result.stderr


def test_given_url_on_a_host_of_others(lab, forger, tmp_path):
    """A good certificate of the same CA, and a description that does not name the host."""
    lab.dns.add_host(OUTSIDE, net.FOREIGN)
    lab.dns.restart()
    lab.start_endpoint()
    lab.agent.check()
    pair = forger.issue(forger.pair("tls", "ca"), OUTSIDE, tmp_path / "outside")
    with Web(net.FOREIGN, lab.mirror.root / "public", *pair) as web:
        result = lab.agent.ctl("service", f"https://{OUTSIDE}/")
    assert result.returncode == 1
    assert f"'{OUTSIDE}' is not a host of the organisation '{DOMAIN}'" in result.stderr
    assert not [request for request in web.requests if request[0] == "POST"], "no check-in"


def test_configured_url(lab):
    lab.agent.configure(f"[Service]\nUrl={URL}\n", "60-url.conf")
    network(lab, "elsewhere.example")
    lab.start_endpoint()
    lab.agent.check()
    assert service(lab)["way"] == "given" and service(lab)["organisation"] == DOMAIN
    result = lab.agent.ctl("service", URL)
    assert result.returncode == 1
    assert "[Service] Url= or ExternalUrl=, which comes first" in result.stderr


def test_configured_url_that_does_not_answer(lab):
    """What is told is what became of the URL, not that DNS knows nothing either."""
    lab.agent.configure(f"[Service]\nUrl={URL}\n", "60-url.conf")
    network(lab, "elsewhere.example")
    lab.mirror.stop()
    lab.start_endpoint()
    result = lab.agent.ctl("check")
    assert result.returncode == 1, result.stderr
    assert URL.rstrip("/") in result.stderr and "refused" in result.stderr, result.stderr


def test_given_url_is_told_of_in_a_foreign_network(lab):
    """Also when it is enrolled, and whose network this is could be told instead."""
    lab.agent.configure(f"[Service]\nUrl={URL}\n", "60-url.conf")
    lab.start_endpoint()
    lab.agent.check()
    network(lab, "elsewhere.example")
    lab.mirror.stop()
    text = lab.agent.check(1)
    assert URL.rstrip("/") in text and "refused" in text, text
    assert "foreign network" not in text


def enrol_with_outside(lab, forger, tmp_path):
    """Enrolled at home, with a description that names an external URL; then taken away."""
    lab.dns.add_host(OUTSIDE, net.FOREIGN)
    lab.dns.add_host("ucupdates-r2.cafe.example", net.FOREIGN)
    lab.dns.restart()
    forger.replace(lambda body: body.update(external_url=f"https://{OUTSIDE}/",
                                            serial=body["serial"] + 1))
    lab.start_endpoint()
    lab.agent.check()
    assert service(lab)["external_url"] == f"https://{OUTSIDE}/"
    network(lab, "cafe.example")
    return forger.issue(forger.pair("tls", "ca"), [OUTSIDE, "ucupdates-r2.cafe.example"],
                        tmp_path / "outside")


def test_foreign_network_is_not_asked(lab, forger, tmp_path):
    pair = enrol_with_outside(lab, forger, tmp_path)
    asked = len(lab.dns.queries())
    with Web(net.FOREIGN, lab.mirror.root / "public", *pair) as web:
        text = lab.agent.check(1)
        assert "foreign network: it has no domain of the organisation 'room.example'" in text
        assert "the external service needs a password" in text
        assert web.requests == []
    assert lab.dns.queries()[asked:] == []
    assert service(lab)["service"] == URL, "what is known stays"


def test_external_url_with_credentials(lab, forger, tmp_path):
    pair = enrol_with_outside(lab, forger, tmp_path)
    asked = len(lab.dns.queries())
    password = lab.agent.state / "password"
    password.write_text("s3cret\n", encoding="utf-8")
    password.chmod(0o644)
    lab.agent.own()
    authorization = "Basic " + base64.b64encode(b"ucupdates:s3cret").decode()
    with Web(net.FOREIGN, lab.mirror.root / "public", *pair, authorization=authorization) as web:
        lab.agent.check(1)
        assert web.requests == [], "a password that others can read is not used"
        password.chmod(0o600)
        lab.agent.check()
        assert service(lab)["way"] == "external"
        assert {headers.get("Authorization") for _, _, headers, _ in web.requests} == {authorization}
        assert web.paths()[0] == "/.well-known/ucupdates.json"
        assert "POST" in [request[0] for request in web.requests]
    assert set(lab.dns.queries()[asked:]) == {OUTSIDE}
    for log in (lab.base / "log").glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert "s3cret" not in text and authorization.split()[1] not in text, log
    network(lab, DOMAIN)
    lab.agent.check()
    assert service(lab)["way"] == "dns", "inside comes before outside"


def test_sign_in_that_is_none(lab):
    lab.start_endpoint()
    for user, secret, url, text in (
        ("", b"s3cret", "", "the user is ''"),
        ("a:b", b"s3cret", "", "the user is 'a:b', expected a name of 1 to 128 bytes"),
        ("alice", b"", "", "the secret is empty, too long or has a control character"),
        ("alice", b"x" * 257, "", "expected one line of 1 to 256 bytes"),
        ("alice", b"two\nlines", "", "has a control character"),
        ("alice", b"zero\0", "", "has a control character"),
        ("alice", b"s3cret", "http://x/", "'http://x/' is no URL of a service"),
    ):
        name, message = sign_in(lab, user, secret, url)
        assert name == "org.ucupdates.Error.Invalid" and text in message, (user, message)
    name, message = sign_in(lab, "alice", b"s3cret", leave_open=True)
    assert name == "org.ucupdates.Error.Temporary" and "not done within 5000 ms" in message
    assert not lab.agent.json("status")["signed_in"]


def test_sign_in_outside(lab, forger, tmp_path):
    """Outside, the service is asked only for somebody who has signed in; nothing is on disk."""
    pair = enrol_with_outside(lab, forger, tmp_path)
    authorization = "Basic " + base64.b64encode(b"alice:s3cret word").decode()
    with Web(net.FOREIGN, lab.mirror.root / "public", *pair, authorization=authorization) as web:
        assert "or somebody who signs in" in lab.agent.check(1)
        assert web.requests == []
        assert sign_in(lab, "alice", b"s3cret word\n") == (None, "")
        lab.agent.wait_for(lambda: service(lab)["way"] == "external", 60, "the look after sign-in")
        assert {headers.get("Authorization") for _, _, headers, _ in web.requests} == {authorization}
        assert lab.agent.json("status")["signed_in"]
        result = lab.bus.call("org.ucupdates.Agent", "/org/ucupdates/Agent",
                              "org.ucupdates.Agent1.SignOut")
        assert result.returncode == 0, result.stderr
        asked = len(web.requests)
        assert "or somebody who signs in" in lab.agent.check(1)
        assert len(web.requests) == asked
        assert not lab.agent.json("status")["signed_in"]
        # a wrong one is tried once, and then no more
        assert sign_in(lab, "alice", b"wrong") == (None, "")
        lab.agent.wait_for(lambda: len(web.requests) > asked, 60, "the look with a wrong password")
        lab.agent.wait_for(lambda: not lab.agent.json("status")["signed_in"], 60, "the sign-out")
        asked = len(web.requests)
        lab.agent.check(1)
        assert len(web.requests) == asked
    places = [*lab.agent.state.rglob("*"), *lab.agent.run_dir.rglob("*"),
              *(lab.base / "log").glob("*.log")]
    for path in places:
        if path.is_file():
            text = path.read_bytes()
            assert b"s3cret" not in text and authorization.split()[1].encode() not in text, path
    assert b"s3cret" not in pathlib.Path(f"/proc/{lab.agent.process.pid}/cmdline").read_bytes()


def test_credentials_go_nowhere_else(lab):
    """At home the service gets no password."""
    lab.start_endpoint()
    password = lab.agent.state / "password"
    password.write_text("s3cret", encoding="utf-8")
    password.chmod(0o600)
    lab.agent.own()
    lab.mirror.stop()
    keys = lab.mirror.root / "keys/tls"
    with Web(net.MIRROR, lab.mirror.root / "public", keys / "leaf.pem", keys / "leaf.key") as web:
        lab.agent.check()
        assert web.requests
        assert not [headers for _, _, headers, _ in web.requests if "Authorization" in headers]


def second_organisation(lab, forger, tmp_path, listen):
    """The same anchors, but somebody else's signed description."""
    root = tmp_path / "second"
    shutil.copytree(lab.mirror.root / "public", root)
    forger.replace(
        lambda body: body.update(organisation="second.example", domains=["second.example"]),
        path=root / ".well-known/ucupdates.json",
    )
    lab.dns.add_host("ucupdates-r2.second.example", listen)
    lab.dns.restart()
    return root, forger.issue(forger.pair("tls", "ca"), "ucupdates-r2.second.example",
                              tmp_path / "second-tls")


def test_two_organisations_at_once(lab, forger, tmp_path):
    root, pair = second_organisation(lab, forger, tmp_path, net.FOREIGN)
    network(lab, f"{DOMAIN} second.example")
    with Web(net.FOREIGN, root, *pair) as web:
        lab.start_endpoint()
        text = lab.agent.check(1)
        assert "two organisations offer to update this endpoint" in text
        assert "'room.example' and 'second.example'" in text
        assert "organisation" not in service(lab)
        assert not [request for request in web.requests if request[0] == "POST"], "no check-in"
        # enrolled to one of them, the other one is not even asked
        network(lab, DOMAIN)
        lab.agent.check()
        web.requests.clear()
        asked = len(lab.dns.queries())
        network(lab, f"second.example {DOMAIN}")
        (lab.agent.state / "last-service.json").unlink()
        lab.agent.check()
        assert service(lab)["organisation"] == DOMAIN
        assert web.requests == []
        assert not [name for name in lab.dns.queries()[asked:] if "second.example" in name]


def test_forget(lab):
    lab.start_endpoint()
    lab.mirror.do("import", lab.endpoint.make_package("1.1.0", levels=["2"]))
    lab.mirror.do("approve", lab.mirror.json("list")["packages"][0]["id"])
    lab.mirror.do("publish")
    lab.agent.check()
    name = lab.endpoint.name
    lab.agent.wait_for(
        lambda: "needs-activation" in lab.fwupd.devices()[name]["Flags"], 60, "the staged update"
    )
    password = lab.agent.state / "password"
    password.write_text("s3cret", encoding="utf-8")
    password.chmod(0o600)
    result = lab.agent.ctl("service", "--forget")
    assert result.returncode == 0, result.stderr
    state = service(lab)
    assert "organisation" not in state and "service" not in state and state["domains"] == []
    for path in ("password", "policy.json", "last-service.json", "outside-networks.json"):
        assert not (lab.agent.state / path).exists(), path
    assert not list((lab.agent.state / "reports").glob("*.json"))
    assert not list((lab.agent.state / "downloads").glob("*"))
    remotes = {remote["Id"]: remote for remote in lab.fwupd.json("get-remotes")["Remotes"]}
    assert remotes["ucupdates"]["Enabled"] in (False, "false")
    assert not (lab.fwupd.localstate / "lib/fwupd/metadata/ucupdates/firmware.xml.zst").exists()
    lab.agent.wait_for(lambda: lab.agent.json("status")["endpoints"][0]["progress"] == "current", 60,
                       "what is staged is not activated any more")
    lab.agent.stop()
    lab.agent.start()
    lab.agent.check()
    assert service(lab)["organisation"] == DOMAIN


def pin_of(certificate):
    return "sha256//" + base64.b64encode(bytes.fromhex(key_fingerprint(certificate))).decode()


NO_PIN = "[Service] Pin is 'sha256//AAAA', expected sha256//"


def test_pin(lab, forger, tmp_path):
    """On top of the CA: another certificate of the same CA does not count."""
    lab.agent.configure(f"[Service]\nPin={pin_of(forger.pair('tls')[0])}\n", "60-pin.conf")
    lab.start_endpoint()
    lab.agent.check()
    assert lab.agent.discover().returncode == 0
    lab.mirror.stop()
    forger.install_tls(forger.issue(forger.pair("tls", "ca"), SERVICE, tmp_path / "tls"))
    lab.mirror.start()
    assert "or without the pinned public key" in lab.agent.check(1)
    assert lab.agent.discover().returncode == 5
    lab.agent.configure("[Service]\nPin=sha256//AAAA\n", "60-pin.conf")
    result = lab.agent.discover()
    assert result.returncode == 5
    assert NO_PIN in result.stdout + result.stderr
    lab.agent.stop()
    lab.agent.spawn()
    wait_for(lambda: lab.agent.process.poll() is not None, 60, "the end of the agent")
    assert NO_PIN in lab.agent.process.log_text()
    assert lab.agent.stop() == 1
