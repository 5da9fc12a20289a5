# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real servers: Unbound that validates, one that is lame, DHCP between two network namespaces."""
import shutil
import subprocess

import pytest

from conftest import DNS, DOMAIN, NAME, SRV, wait_until

UNBOUND_PORT = 5300
UNBOUND = """
server:
  interface: 127.0.0.1@{port}
  interface: 192.0.2.2@{port}
  access-control: 0.0.0.0/0 allow
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  logfile: "{log}"
  verbosity: 1
  module-config: "{modules}iterator"
  do-not-query-localhost: no
{server}
remote-control:
  control-enable: no
{zones}
"""
SIGNED = """
auth-zone:
  name: "{signed}"
  zonefile: "{zone}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
auth-zone:
  name: "plain.example"
  zonefile: "{plain}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
"""
ZONE = """$ORIGIN {name}.
$TTL 600
@ SOA ns.{name}. admin.{name}. 1 3600 600 86400 300
@ NS ns.{name}.
ns A 192.0.2.2
ucupdates-r2 A 192.0.2.1
"""


def needs(*programs):
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {' '.join(missing)}")


def sign(path):
    """A zone file signed with a new key; returns it and the file with the key."""
    zone = path / "zone"
    zone.write_text(ZONE.format(name=DOMAIN))
    key = subprocess.run(["ldns-keygen", "-k", "-a", "ECDSAP256SHA256", DOMAIN], cwd=path,
                         check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["ldns-signzone", "zone", key], cwd=path, check=True)
    return path / "zone.signed", path / f"{key}.key"


class Unbound:
    def __init__(self, lab):
        self.lab, self.path = lab, lab.path

    def start(self, server="", zones="", modules="", port=UNBOUND_PORT):
        log, config = self.path / f"unbound{port}.log", self.path / f"unbound{port}.conf"
        config.write_text(UNBOUND.format(port=port, log=log, server=server, zones=zones,
                                         modules=modules))
        self.lab.start("unbound", "-d", "-c", str(config))
        wait_until(lambda: log.exists() and "start of service" in log.read_text(), "unbound")

    def start_signed(self, break_zone=False):
        zone, anchor = sign(self.path)
        if break_zone:  # another address than the one that was signed
            text = zone.read_text()
            zone.write_text(text.replace("192.0.2.1", "192.0.2.7"))
            assert zone.read_text() != text
        plain = self.path / "plain"
        plain.write_text(ZONE.format(name="plain.example"))
        self.start(f'  trust-anchor-file: "{anchor}"',
                   SIGNED.format(zone=zone, signed=DOMAIN, plain=plain), "validator ")


@pytest.fixture
def unbound(lab):
    return Unbound(lab)


def ask(lab, address, domain=DOMAIN):
    return lab.discover("--no-fetch", f"--nameserver={address}:{UNBOUND_PORT}", domain=domain)


@needs("unbound", "ldns-signzone")
def test_bogus_answer(lab, unbound):
    unbound.start_signed(break_zone=True)
    status, found = ask(lab, "127.0.0.1")
    assert (status, found["outcome"]) == (4, "unreachable"), found
    assert {one["result"] for one in found["attempts"] if one["type"] == "A"} == {"servfail"}


@needs("unbound", "ldns-signzone")
def test_authenticated_only_from_a_validating_server_here(lab, unbound):
    unbound.start_signed()
    status, found = ask(lab, "127.0.0.1")
    assert (status, found["authenticated"]) == (0, True), found
    assert ask(lab, "127.0.0.1", "plain.example")[1]["authenticated"] is False
    status, found = ask(lab, "192.0.2.2")  # the same server, but anybody on the way can set the bit
    assert (status, found["authenticated"]) == (0, False)


@needs("unbound", "ldns-signzone")
def test_negative_ttl(lab, unbound):
    """The last field of the SOA, RFC 2308."""
    unbound.start_signed()
    status, found = ask(lab, "127.0.0.1", "none." + DOMAIN)
    assert status == 3 and 200 < found["ask_again_secs"] <= 300, found


PARENT = """$ORIGIN example.
$TTL 600
@ SOA ns.example. admin.example. 1 3600 600 86400 300
@ NS ns.example.
ns A 192.0.2.2
room NS ns.room.example.
ns.room A 192.0.2.99
"""
LAME = """
auth-zone:
  name: "example"
  zonefile: "{zone}"
  for-downstream: yes
  for-upstream: no
"""


@needs("unbound")
def test_lame_server(lab, unbound):
    """It points to others instead of finding out; that is no answer, and the next one is asked."""
    zone = lab.path / "parent"
    zone.write_text(PARENT)
    unbound.start(zones=LAME.format(zone=zone))
    status, found = ask(lab, "192.0.2.2")
    assert (status, found["outcome"]) == (4, "unreachable"), found
    assert {one["result"] for one in found["attempts"]} == {"servfail"}
    lab.dns(f"--host-record={NAME},192.0.2.1")
    status, found = lab.discover("--no-fetch", f"--nameserver=192.0.2.2:{UNBOUND_PORT}",
                                 f"--nameserver={DNS}")
    assert status == 0 and found["elapsed_ms"] < 1000, "passed over at once"


@needs("unbound")
def test_answers_as_large_as_they_get(lab, unbound):
    """64 KiB over TCP: of 4000 addresses 16 count, of 1500 servers the first 16, and 4 are asked."""
    records = [f"{NAME}. 600 IN A 198.51.{100 + i // 250}.{i % 250 + 1}" for i in range(4000)]
    records += [f"{SRV}. 600 IN SRV {i} 0 443 s{i}.{DOMAIN}." for i in range(1500)]
    local = "\n".join(f'  local-data: "{record}"' for record in records)
    unbound.start(f'  local-zone: "{DOMAIN}." static\n{local}')
    status, found = ask(lab, "192.0.2.2")
    assert status == 0, found["attempts"]
    kinds = [one["type"] for one in found["records"]]
    assert (kinds.count("A"), kinds.count("SRV")) == (16, 16), found["records"]
    targets = {one["name"] for one in found["attempts"] if one["name"].startswith("s")}
    assert len(targets) == 4
    assert lab.peak_kib < 40 * 1024 or lab.is_sanitized()


DHCLIENT_SCRIPT = """#!/bin/sh
case $reason in
BOUND | RENEW | REBIND | REBOOT)
	ip addr replace "$new_ip_address/24" dev "$interface"
	search="$new_domain_name $new_domain_search" servers=$new_domain_name_servers
	;;
BOUND6 | RENEW6 | REBIND6)
	ip -6 addr replace "$new_ip6_address/64" dev "$interface" nodad
	search=$new_dhcp6_domain_search servers=$new_dhcp6_name_servers
	;;
*) exit 0 ;;
esac
{ echo "search $search"; echo "nameserver $servers"; } >"$RESOLV_CONF.new"
mv "$RESOLV_CONF.new" "$RESOLV_CONF"
"""
NETWORKD = "/usr/lib/systemd/systemd-networkd"
# without udev (a /sys that cannot be written), without a bus, and its files where the test sees them
NETWORKD_SCRIPT = f"""
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/netif /run/systemd/network
mount --bind "$1" /run/systemd/netif
cp "$2" /run/systemd/network/10-wire.network
exec {NETWORKD}
"""
WIRE_NETWORK = """[Match]
Name=wire0
[Network]
DHCP=yes
IPv6AcceptRA=yes
LinkLocalAddressing=ipv6
[DHCPv4]
ClientIdentifier=mac
UseDomains=yes
[DHCPv6]
DUIDType=link-layer
UseDomains=yes
"""


class Segment:
    """Another machine on the wire, in a network namespace of its own."""

    SERVER, SERVER6 = "198.51.100.1", "2001:db8:7::1"

    def __init__(self, lab):
        self.lab = lab
        self.holder = lab.start("unshare", "--net", "sh", "-c", "echo up; exec sleep 600")
        assert self.holder.stdout.readline() == "up\n"
        self.prefix = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        ip = lambda *words: subprocess.run(["ip", *words], check=True)
        there = lambda *words: subprocess.run([*self.prefix, "ip", *words], check=True)
        ip("link", "add", "wire0", "type", "veth", "peer", "name", "wire1")
        ip("link", "set", "wire1", "netns", str(self.holder.pid))
        ip("link", "set", "wire0", "up")
        there("link", "set", "lo", "up")
        there("link", "set", "wire1", "up")
        there("addr", "add", self.SERVER + "/24", "dev", "wire1")
        there("addr", "add", self.SERVER6 + "/64", "dev", "wire1", "nodad")
        there("addr", "add", "fe80::53/64", "dev", "wire1", "nodad")
        ip("addr", "add", "fe80::7/64", "dev", "wire0", "nodad")

    def serve(self, domain, *options):
        (self.lab.path / "dnsmasq.log").unlink(missing_ok=True)
        return self.lab.dns(
            f"--host-record=ucupdates-r2.{domain},{self.SERVER}", "--interface=wire1",
            "--dhcp-range=198.51.100.100,198.51.100.110,120", "--dhcp-authoritative",
            f"--dhcp-leasefile={self.lab.path}/leases.dnsmasq", f"--domain={domain}",
            f"--dhcp-option=option:domain-name,{domain}",
            f"--dhcp-option=option:dns-server,{self.SERVER}",
            "--dhcp-range=2001:db8:7::100,2001:db8:7::1ff,64,120", "--enable-ra",
            f"--dhcp-option=option6:dns-server,[{self.SERVER6}]", *options,
            address=self.SERVER, prefix=self.prefix)

    def request(self, family="-4", options="subnet-mask, domain-name, domain-name-servers"):
        """A DHCP client of Debian's, until resolv.conf is written."""
        path, resolv_conf = self.lab.path, self.lab.path / "resolv.conf"
        script, config = path / "dhclient-script", path / "dhclient.conf"
        script.write_text(DHCLIENT_SCRIPT)
        script.chmod(0o755)
        config.write_text(f"request {options};\n")
        resolv_conf.unlink()
        child = self.lab.start(
            "dhclient", family, "-d", "-cf", str(config), "-sf", str(script),
            "-lf", str(path / "dhclient.leases"), "-pf", str(path / "dhclient.pid"),
            "-e", f"RESOLV_CONF={resolv_conf}", "wire0")
        wait_until(resolv_conf.exists, "a lease")
        self.lab.end(child)

    def networkd(self):
        """systemd-networkd on this end of the wire; returns the directory with what it keeps."""
        netif, config = self.lab.path / "netif", self.lab.path / "wire.network"
        netif.mkdir()
        shutil.chown(netif, "systemd-network", "systemd-network")
        config.write_text(WIRE_NETWORK)
        self.lab.start("unshare", "--mount", "--propagation", "private", "sh", "-ec",
                       NETWORKD_SCRIPT, "sh", str(netif), str(config))
        return netif

    def stop(self):
        subprocess.run(["ip", "link", "del", "wire0"], check=True)


@pytest.fixture
def segment(lab):
    segment = Segment(lab)
    yield segment
    segment.stop()


@needs("dhclient")
def test_discovery_follows_dhcp(lab, segment):
    server = segment.serve(DOMAIN)
    segment.request()
    service = lab.service(address=Segment.SERVER, prefix=segment.prefix)
    status, found = lab.discover(domain=None)
    assert status == 0, found
    assert (found["domain"], found["domain_source"]) == (DOMAIN, "resolv.conf")
    assert found["verified"] is True
    assert service.stdout.readline() == f"/.well-known/ucupdates.json {NAME}\n"
    # the machine is carried to another network
    lab.end(server)
    segment.serve("other.example")
    segment.request()
    status, found = lab.discover("--no-fetch", domain=None)
    assert (status, found["domain"]) == (0, "other.example")
    assert DOMAIN not in (lab.path / "dnsmasq.log").read_text()


@needs("dhclient")
@pytest.mark.parametrize("family,options", [
    ("-4", "subnet-mask, domain-search, domain-name-servers"),
    ("-6", "dhcp6.domain-search, dhcp6.name-servers")])
def test_search_list(lab, segment, family, options):
    """DHCP option 119 and DHCPv6 option 24: several domains, asked all, the first found counts."""
    segment.serve(DOMAIN, "--dhcp-option=option:domain-name",
                  f"--dhcp-option=option:domain-search,first.example,{DOMAIN}",
                  f"--dhcp-option=option6:domain-search,first.example,{DOMAIN}")
    segment.request(family, options)
    status, found = lab.discover("--no-fetch", domain=None)
    assert status == 0, found
    assert (found["domain"], found["domain_source"]) == (DOMAIN, "resolv.conf")
    assert {"ucupdates-r2.first.example", NAME} <= set(lab.queries())


@needs(NETWORKD)
def test_networkd(lab, segment):
    """What the real one keeps of options 15, 119 and, of DHCPv6, 24."""
    segment.serve("plain.example",
                  "--dhcp-option=option:domain-search,search.example",
                  f"--dhcp-option=option6:domain-search,{DOMAIN}")
    netif = segment.networkd()
    states = lambda: "".join(path.read_text() for path in netif.glob("links/[0-9]*"))
    wait_until(lambda: DOMAIN in states() and Segment.SERVER in states(), "networkd's leases")
    status, found = lab.discover("--no-fetch", domain=None)
    assert (status, found["domain_source"], found["domain_interface"]) == (
        0, "systemd-networkd", "wire0"), found
    assert {f"ucupdates-r2.{word}.example" for word in ("plain", "search", "room")} <= set(
        lab.queries())


def test_link_local_name_server(lab, segment):
    """It can only be reached with its zone."""
    segment.serve(DOMAIN)
    for zone, expected in (("lo", 4), ("wire0", 0)):
        lab.resolv_conf(f"search {DOMAIN}\nnameserver fe80::53%{zone}\n")
        status, found = lab.discover("--no-fetch", "--timeout-ms=2500", domain=None)
        assert status == expected, found
