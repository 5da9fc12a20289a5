# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole of ucupdates-discover against dnsmasq and an HTTPS service."""
import json
import socket
import subprocess

import pytest

from conftest import DEADLINE_SECS, DISCOVER, DNS, DOMAIN, NAME, SLACK_SECS, SRV


def attempts(found):
    return {(one["name"], one["type"]): one["result"] for one in found["attempts"]}


def check_failed(lab, status, outcome, words):
    got, found = lab.discover()
    assert (got, found["outcome"]) == (status, outcome), found
    assert words in found["message"]
    assert found["verified"] is False and found["service"] is None
    assert [one["domain"] for one in found["refusals"]] == ([DOMAIN] if status == 5 else [])
    return found


# what a service can do wrong: fault, exit status, outcome, words of the reason
SERVICE_FAULTS = [
    ("wrong-name", 5, "refused", "the server's certificate is for another name"),
    ("other-ca", 5, "refused", "not issued by the organisation's CA"),
    ("cn-only", 5, "refused", "the server's certificate is for another name"),
    ("client-only", 5, "refused", "not for server authentication"),
    ("old-certificate", 5, "refused", "the server's certificate is expired"),
    ("young-certificate", 4, "unreachable", "not valid yet by this machine's clock"),
    ("expired", 5, "refused", "service-description: expired at"),
    ("future", 4, "unreachable", "issued in the future by this machine's clock"),
    ("other-purpose", 5, "refused", "service-description is not signed by an anchor in"),
    ("other-type", 5, "refused", "the document's type is 'policy'"),
    ("other-domain", 5, "refused", f"'{DOMAIN}' is not among the domains"),
    ("endless", 5, "refused", "larger than 1048576 bytes"),
    ("redirect", 5, "refused", "answered 302"),
    ("status-403", 4, "unreachable", "answered 403"),
    ("status-404", 3, "none", "answered 404"),
    ("status-410", 3, "none", "answered 410"),
    ("status-429", 4, "unreachable", "answered 429"),
    ("status-503", 4, "unreachable", "answered 503"),
]


@pytest.mark.parametrize("fault,status,outcome,words", SERVICE_FAULTS)
def test_service_fault(lab, fault, status, outcome, words):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.service(fault)
    found = check_failed(lab, status, outcome, words)
    assert attempts(found)[NAME, "A"] == "noerror"


def test_silent_service_ends_in_time(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.service("silent")
    status, found = lab.discover("--timeout-ms=700")
    assert (status, found["outcome"]) == (4, "unreachable")
    assert "not done within" in found["message"]
    assert 0.6 < lab.elapsed_secs < 0.7 + SLACK_SECS


def test_no_service_at_the_address(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.service(port=4433)
    check_failed(lab, 4, "unreachable", "refused")


def test_no_trust_bundle(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    check_failed(lab, 5, "refused", "install the organisation's trust bundle")


def test_no_such_name(lab):
    lab.dns()
    found = check_failed(lab, 3, "none", f"{NAME} has no address in DNS")
    assert set(attempts(found).values()) == {"nxdomain"}


def test_no_data(lab):
    lab.dns(f"--txt-record={NAME},nothing", f"--txt-record={SRV},nothing")
    found = check_failed(lab, 3, "none", "has no address")
    assert set(attempts(found).values()) == {"nodata"}


def test_refused_by_the_name_server(lab):
    lab.dns()
    status, found = lab.discover(domain="room.test")
    assert (status, found["outcome"]) == (4, "unreachable")
    assert set(attempts(found).values()) == {"refused"}


def test_no_name_server_there(lab):
    status, found = lab.discover("--nameserver=192.0.2.98")
    assert (status, found["outcome"]) == (4, "unreachable")
    assert set(attempts(found).values()) == {"timeout"}
    assert lab.elapsed_secs < 1 + SLACK_SECS


@pytest.mark.parametrize("options", [[], ["--no-fetch"], ["--domain=other.example"]])
def test_silent_name_server_ends_in_time(lab, silence, options):
    status, found = lab.discover(f"--nameserver={silence}", "--timeout-ms=500", *options)
    assert (status, found["outcome"]) == (4, "unreachable")
    assert set(attempts(found).values()) == {"timeout"}
    assert 500 <= found["elapsed_ms"] < 500 + SLACK_SECS * 1000


@pytest.mark.parametrize("address,word", [
    ("127.0.0.1", "loopback"), ("169.254.1.1", "link-local"), ("224.0.0.1", "multicast"),
    ("0.0.0.0", "unspecified"), ("::1", "loopback"), ("fe80::1", "link-local"),
    ("::ffff:127.0.0.1", "loopback"), ("64:ff9b::7f00:1", "loopback")])
def test_forbidden_address(lab, address, word):
    lab.dns(f"--host-record={NAME},{address}")
    lab.service()
    found = check_failed(lab, 5, "refused", f"it is {word}")
    assert found["records"][0]["address"] == address


def test_found_by_resolv_conf(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1,2001:db8::1")
    lab.resolv_conf(f"search {DOMAIN}\nnameserver {DNS}\n")
    service = lab.service()
    status, found = lab.discover(domain=None)
    assert status == 0, found
    assert found["outcome"] == "found" and found["verified"] is True
    assert (found["domain"], found["domain_source"]) == (DOMAIN, "resolv.conf")
    assert found["name"] == NAME
    assert found["service"]["url"] == f"https://{NAME}/"
    assert found["service"]["internal_url"] == f"https://{NAME}/"
    assert found["service"]["external_url"] is None
    assert {(one["type"], one["address"]) for one in found["records"]} == {
        ("A", "192.0.2.1"), ("AAAA", "2001:db8::1")}
    assert found["authenticated"] is False and found["refusals"] == []
    assert service.stdout.readline() == f"/.well-known/ucupdates.json {NAME}\n"


def test_found_by_configuration(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.configure(f"[Discovery]\nDomains=ROOM.example.\nNameServers={DNS}:53\nTimeoutMs=5000\n")
    lab.resolv_conf("search other.example\nnameserver 192.0.2.99\n")
    lab.service()
    status, found = lab.discover(domain=None)
    assert (status, found["domain"], found["domain_source"]) == (0, DOMAIN, "configuration")
    assert "other.example" not in (lab.path / "dnsmasq.log").read_text()


def test_allowed_domain(lab):
    """Exactly what the configuration names; whoever calls the program cannot add to it."""
    lab.dns("--host-record=ucupdates-r2.corp.local,192.0.2.1", "--local=/local/")
    assert lab.discover("--no-fetch", domain="corp.local")[0] == 5
    lab.configure("[Discovery]\nAllowedDomains=Corp.local.\n")
    assert lab.discover("--no-fetch", domain="CORP.local")[0] == 0
    assert lab.discover("--no-fetch", domain="room.corp.local")[0] == 5
    assert {name.split(".", 1)[1] for name in lab.queries()} <= {"corp.local", "_tcp.corp.local"}


def test_old_name_where_configured(lab):
    """The name from before R2 names a host; the certificate is for the new name all the same."""
    lab.dns(f"--host-record=ucupdates.{DOMAIN},192.0.2.1")
    service = lab.service()
    check_failed(lab, 3, "none", f"{NAME} has no address in DNS")
    assert set(lab.queries()) == {NAME, SRV}
    lab.configure("[Discovery]\nOldName=true\n")
    status, found = lab.discover()
    assert (status, found["name"], found["verified"]) == (0, NAME, True), found
    assert set(lab.queries()) == {NAME, SRV, f"ucupdates.{DOMAIN}"}
    assert service.stdout.readline() == f"/.well-known/ucupdates.json {NAME}\n"


def test_certificate_for_the_old_name_alone(lab):
    lab.dns(f"--host-record=ucupdates.{DOMAIN},192.0.2.1")
    lab.configure("[Discovery]\nOldName=true\n")
    lab.service("wrong-name")
    check_failed(lab, 5, "refused", "the server's certificate is for another name")


def test_old_name_neither_true_nor_false(lab):
    lab.configure("[Discovery]\nOldName=yes\n")
    assert lab.discover() == (1, None)
    assert "[Discovery] OldName is 'yes', expected true or false" in lab.stderr


def test_malformed_allowed_domain(lab):
    lab.configure("[Discovery]\nAllowedDomains=corp.local;x.onion\n")
    status, found = lab.discover()
    assert (status, found) == (1, None)
    assert "[Discovery] AllowedDomains: domain 'x.onion' is not asked" in lab.stderr


def test_malformed_configuration(lab):
    lab.configure("[Discovery]\nNameServers=here\n")
    status, found = lab.discover()
    assert (status, found) == (1, None)
    assert "[Discovery] NameServers: 'here' is not a name server" in lab.stderr


def test_no_domain(lab):
    status, found = lab.discover(domain=None)
    assert (status, found["outcome"], found["domain"]) == (3, "none", None)
    assert "--domain" in found["message"]


def test_cname(lab):
    lab.dns(f"--cname={NAME},www.{DOMAIN}", f"--host-record=www.{DOMAIN},192.0.2.1")
    lab.service()
    status, found = lab.discover()
    assert status == 0, found


def test_srv_port_and_target(lab):
    lab.dns(f"--host-record=www.{DOMAIN},192.0.2.2", f"--srv-host={SRV},www.{DOMAIN},8443,10,5")
    service = lab.service(address="192.0.2.2", port=8443)
    status, found = lab.discover()
    assert status == 0, found
    srv = [one for one in found["records"] if one["type"] == "SRV"]
    assert (srv[0]["target"], srv[0]["port"], srv[0]["priority"], srv[0]["weight"]) == (
        "www." + DOMAIN, 8443, 10, 5)
    assert service.stdout.readline() == f"/.well-known/ucupdates.json {NAME}\n"


def test_srv_priority(lab):
    lab.dns(f"--host-record=one.{DOMAIN},192.0.2.1", f"--host-record=two.{DOMAIN},192.0.2.2",
            f"--srv-host={SRV},two.{DOMAIN},8443,20,5", f"--srv-host={SRV},one.{DOMAIN},8443,10,5")
    lab.service("status-404", address="192.0.2.1", port=8443)
    check_failed(lab, 3, "none", "answered 404")


def test_srv_outside_the_domain(lab):
    lab.dns(f"--srv-host={SRV},www.other.example,443", "--host-record=www.other.example,192.0.2.1")
    lab.service()
    found = check_failed(lab, 5, "refused", "'www.other.example'")
    assert not [one for one in found["attempts"] if "other.example" in one["name"]]
    assert "www.other.example" not in "".join(
        line for line in (lab.path / "dnsmasq.log").read_text().splitlines() if "query" in line)


def test_srv_says_none(lab):
    lab.dns(f"--srv-host={SRV}")
    check_failed(lab, 3, "none", "says that there is no service")


@pytest.mark.parametrize("dead", ["2001:db8::1", "2001:db8:dead::2"])
def test_dead_address_beside_a_good_one(lab, dead):
    lab.dns(f"--host-record={NAME},{dead},192.0.2.1")
    lab.service()
    status, found = lab.discover()
    assert status == 0, found
    assert found["elapsed_ms"] < 1000 + SLACK_SECS * 1000


@pytest.mark.parametrize("fault,status", [
    ("wrong-name", 0), ("other-ca", 0), ("status-503", 0), ("status-404", 3), ("expired", 5)])
def test_foreign_host_beside_a_good_one(lab, fault, status):
    """Another host is passed over; what the service itself says is not."""
    lab.dns(f"--host-record={NAME},2001:db8::1,192.0.2.1")
    lab.service(fault, address="2001:db8::1")
    if status == 0:
        good = lab.service()  # its trust bundle is the one that counts
        assert lab.discover()[0] == 0
        assert good.stdout.readline() == f"/.well-known/ucupdates.json {NAME}\n"
    else:
        assert lab.discover()[0] == status


def test_silent_host_beside_a_good_one(lab):
    """It takes the connection and says nothing; its share of the time is a third, twice."""
    lab.dns(f"--host-record={NAME},2001:db8::1,192.0.2.1")
    lab.service()
    with socket.create_server(("2001:db8::1", 443), family=socket.AF_INET6):
        status, found = lab.discover("--timeout-ms=3000")
    assert status == 0, found
    assert 900 < found["elapsed_ms"] < 3000


def test_family_without_a_way(lab):
    """IPv4 first where there is no way over IPv6; no time is lost."""
    lab.dns(f"--host-record={NAME},2001:db8:ffff::1,192.0.2.1")
    lab.service()
    status, found = lab.discover()
    assert status == 0 and found["elapsed_ms"] < 1000 + SLACK_SECS * 1000, found
    assert found["ask_again_secs"] == 60


def test_silent_first_name_server(lab, silence):
    """Costs one second once, also when more has to be asked after it."""
    lab.dns(f"--srv-host={SRV},www.{DOMAIN},443", f"--host-record=www.{DOMAIN},192.0.2.1")
    lab.service()
    status, found = lab.discover(f"--nameserver={silence}", f"--nameserver={DNS}")
    assert status == 0, found
    assert 1000 <= found["elapsed_ms"] < 2000


def test_truncated_answer_comes_over_tcp(lab):
    lab.dns(*[f"--host-record={NAME},198.51.100.{last}" for last in range(1, 120)])
    status, found = lab.discover("--no-fetch")
    assert status == 0, found
    assert len([one for one in found["records"] if one["type"] == "A"]) == 16


def test_address_only(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    status, found = lab.discover("--no-fetch")
    assert (status, found["outcome"]) == (0, "found")
    assert found["verified"] is False and found["service"] is None


def test_several_domains(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.service()
    status, found = lab.discover("--domain=co.uk", f"--domain={DOMAIN}", domain="other.example")
    assert (status, found["domain"]) == (0, DOMAIN)
    assert [one["domain"] for one in found["refusals"]] == ["co.uk"]
    assert lab.discover("--domain=co.uk", domain="other.example")[0] == 5
    assert lab.discover("--domain=co.uk", "--domain=room.test", domain="no.example")[0] == 4


def test_other_organisation_first(lab):
    """A domain that is refused does not hide the next one, nor the other way round."""
    lab.dns(f"--host-record={NAME},192.0.2.1", "--host-record=ucupdates-r2.other.example,192.0.2.1")
    lab.service()
    status, found = lab.discover(f"--domain={DOMAIN}", domain="other.example")
    assert (status, found["domain"]) == (0, DOMAIN)
    assert "certificate is for another name" in found["refusals"][0]["reason"]


@pytest.mark.parametrize("options,words", [
    (["--bogus"], "Unknown option --bogus"),
    (["--timeout-ms=soon"], "--timeout-ms is 'soon'"),
    (["--timeout-ms=0"], "--timeout-ms is '0'"),
    (["--nameserver=192.0.2.1:99999"], "'192.0.2.1:99999' is not a name server"),
    (["--nameserver=[::1"], "'[::1' is not a name server"),
    (["room.example"], "'room.example' is not an option")])
def test_usage(lab, options, words):
    status, found = lab.discover(*options)
    assert (status, found) == (2, None)
    assert words in lab.stderr


@pytest.mark.parametrize("domain", [
    b"", b".", b"co.uk", b"CO.UK.", b"github.io", b"single", b"192.0.2.1", b"::1", b"1.2.3",
    b"x.local", b"home.arpa", b"a..b.example", b"-a.example", b"a b.example", b"\xff\xfe.example",
    b"a" * 64 + b".example", b"a." * 120 + b"example"])
def test_refused_domain_costs_no_packet(lab, domain):
    lab.dns()
    done = subprocess.run([DISCOVER.encode(), b"--json", b"--domain=" + domain], env=lab.env,
                          capture_output=True, timeout=DEADLINE_SECS)
    assert done.returncode == 5
    assert len(json.loads(done.stdout)["refusals"]) == 1
    assert "query" not in (lab.path / "dnsmasq.log").read_text()


@pytest.mark.parametrize("domain,words", [
    (f"https://{DOMAIN}/", "it is a URL, expected a domain such as room.example"),
    (f"codec@{DOMAIN}", "expected a domain, which is what comes after the @")])
def test_something_else_for_a_domain(lab, domain, words):
    lab.dns()
    status, found = lab.discover(domain=domain)
    assert (status, found["outcome"]) == (5, "refused")
    assert found["refusals"] == [
        {"domain": domain, "reason": f"domain '{domain}' is not asked: {words}"}]
    assert lab.queries() == []


def test_words_for_people(lab):
    lab.dns(f"--host-record={NAME},192.0.2.1")
    lab.service()
    done = subprocess.run([DISCOVER, f"--domain={DOMAIN}"], env=lab.env, capture_output=True,
                          text=True, timeout=DEADLINE_SECS)
    assert done.returncode == 0
    assert done.stdout == (f"https://{NAME}/ is the update service of {DOMAIN} "
                           f"(domain {DOMAIN} from command-line)\n")
