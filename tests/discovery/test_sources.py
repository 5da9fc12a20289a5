# SPDX-License-Identifier: LGPL-2.1-or-later
"""Domains and name servers of NetworkManager and systemd-resolved (mocks) and networkd's leases."""
import os
import subprocess

import dbus
import dbusmock
import pytest

from conftest import DNS, DOMAIN, NAME

NM = "org.freedesktop.NetworkManager"
RESOLVED = "org.freedesktop.resolve1"
MANAGER = RESOLVED + ".Manager"
LOOPBACK = 1  # the index of lo in every network namespace


class System:
    """A system bus with mocks on it."""

    def __init__(self, case, lab):
        self.case, self.lab, self.children = case, lab, []
        lab.env["DBUS_SYSTEM_BUS_ADDRESS"] = os.environ["DBUS_SYSTEM_BUS_ADDRESS"]

    def mock(self, name, path, interface):
        child = self.case.spawn_server(name, path, interface, system_bus=True,
                                       stdout=subprocess.DEVNULL)
        self.children.append(child)
        return dbus.Interface(self.case.get_dbus(True).get_object(name, path), dbusmock.MOCK_IFACE)

    def network_manager(self):
        child, manager = self.case.spawn_server_template(
            "networkmanager", stdout=subprocess.DEVNULL)
        self.children.append(child)
        return NetworkManager(dbus.Interface(manager, dbusmock.MOCK_IFACE))

    def resolved(self, domains, servers, stub="no"):
        mock = self.mock(RESOLVED, "/org/freedesktop/resolve1", MANAGER)
        address = lambda text: dbus.ByteArray(bytes(int(part) for part in text.split(".")))
        mock.AddProperties(MANAGER, {
            "Domains": dbus.Array(
                [dbus.Struct((dbus.Int32(index), name, dbus.Boolean(routing)), signature="isb")
                 for index, name, routing in domains], signature="(isb)"),
            "DNS": dbus.Array(
                [dbus.Struct((dbus.Int32(index), dbus.Int32(2), address(text)), signature="iiay")
                 for index, text in servers], signature="(iiay)"),
            "DNSStubListener": stub})

    def stop(self):
        for child in self.children:
            child.terminate()
            child.wait(10)


class NetworkManager:
    def __init__(self, mock):
        self.mock = mock
        self.count = 0

    def connect(self, interface, kind="802-3-ethernet", options=None, server=DNS, **config):
        """An active connection with DHCP options and an address configuration."""
        self.count += 1
        number = self.count
        device = self.mock.AddEthernetDevice(f"{interface}{number}", interface, 100)
        base = "/org/freedesktop/NetworkManager"
        self.mock.AddObject(f"{base}/DHCP4Config/{number}", NM + ".DHCP4Config",
                            {"Options": dbus.Dictionary(options or {}, signature="sv")}, [])
        self.mock.AddObject(
            f"{base}/IP4Config/{number}", NM + ".IP4Config",
            {"Domains": dbus.Array(config.get("domains", []), signature="s"),
             "NameserverData": dbus.Array([{"address": server}], signature="a{sv}")}, [])
        self.mock.AddObject(
            f"{base}/ActiveConnection/{number}", NM + ".Connection.Active",
            {"State": dbus.UInt32(config.get("state", 2)), "Type": kind,
             "Vpn": dbus.Boolean(kind == "vpn"),
             "Devices": dbus.Array([dbus.ObjectPath(device)], signature="o"),
             "Dhcp4Config": dbus.ObjectPath(f"{base}/DHCP4Config/{number}"),
             "Ip4Config": dbus.ObjectPath(f"{base}/IP4Config/{number}")}, [])


@pytest.fixture(scope="session")
def bus():
    class Case(dbusmock.DBusTestCase):
        pass

    Case.setUpClass()
    Case.start_system_bus()
    yield Case
    Case.tearDownClass()


@pytest.fixture
def system(bus, lab):
    lab.resolv_conf("nameserver 192.0.2.99\n")  # nobody is there
    lab.dns(f"--host-record={NAME},192.0.2.1")
    system = System(bus, lab)
    yield system
    system.stop()


def check_source(lab, source, interface):
    status, found = lab.discover("--no-fetch", domain=None)
    assert status == 0, found
    assert (found["domain"], found["domain_source"]) == (DOMAIN, source)
    assert found["domain_interface"] == interface


def check_nothing(lab):
    status, found = lab.discover("--no-fetch", domain=None)
    assert (status, found["attempts"], found["refusals"]) == (3, [], [])
    assert lab.queries() == []


def test_no_service_on_the_bus(system, lab):
    check_nothing(lab)


def test_connection_that_is_not_up(system, lab):
    system.network_manager().connect("lo", options={"domain_name": DOMAIN}, state=1)
    check_nothing(lab)


def test_services_that_hang(system, lab):
    """They cost one second together, then resolv.conf counts."""
    for name, path, interface, method, types in (
            (NM, "/org/freedesktop", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", ""),
            (RESOLVED, "/org/freedesktop/resolve1", "org.freedesktop.DBus.Properties", "GetAll",
             "s")):
        system.mock(name, path, interface).AddMethod(
            interface, method, types, "a{sv}", "import time; time.sleep(4); ret = {}")
    lab.resolv_conf(f"search {DOMAIN}\nnameserver {DNS}\n")
    status, found = lab.discover("--no-fetch", domain=None)
    assert (status, found["domain_source"]) == (0, "resolv.conf")
    assert 0.9 < lab.elapsed_secs < 1.8


@pytest.mark.parametrize("kind", ["vpn", "wireguard", "tun"])
def test_vpn_counts_only_when_configured(system, lab, kind):
    system.network_manager().connect("lo", kind, domains=[DOMAIN])
    lab.resolv_conf(f"search {DOMAIN}\nnameserver {DNS}\n")  # as NetworkManager leaves it behind
    check_nothing(lab)
    lab.configure("[Discovery]\nUseVpn=true\n")
    check_source(lab, "NetworkManager", None if kind == "vpn" else "lo")


def test_tunnel_of_resolved_is_a_vpn(system, lab):
    os.system("ip tuntap add dev tun9 mode tun && ip link set tun9 up")
    index = int(open("/proc/net/dev_snmp6/tun9").readline().split()[1])
    system.resolved([(index, DOMAIN, False)], [(index, DNS)], "yes")
    check_nothing(lab)


def test_queries_stay_on_the_link(system, lab):
    """The name server is right here, but not behind the link that the domain came from."""
    system.network_manager().connect("dead0", options={"domain_name": DOMAIN})
    status, found = lab.discover("--no-fetch", "--timeout-ms=700", domain=None)
    assert (status, found["outcome"]) == (4, "unreachable")
    assert found["domain_interface"] == "dead0" and lab.queries() == []


@pytest.mark.parametrize("options,domains", [
    ({"domain_name": DOMAIN}, []),
    ({"domain_search": f"{DOMAIN} other.example"}, []),
    ({"domain_name": f"other.example {DOMAIN}"}, []),
    ({"domain_name": "co.uk"}, [DOMAIN])])
def test_network_manager(system, lab, options, domains):
    system.network_manager().connect("lo", options=options, domains=domains)
    check_source(lab, "NetworkManager", "lo")


def test_resolved_link(system, lab):
    system.resolved([(LOOPBACK, DOMAIN, False)], [(LOOPBACK, DNS)])
    check_source(lab, "systemd-resolved", "lo")


def test_resolved_stub(system, lab, tmp_path):
    (tmp_path / "dnsmasq.log").unlink()
    lab.dns(f"--host-record={NAME},192.0.2.1", address="127.0.0.53")
    system.resolved([(LOOPBACK, DOMAIN, False)], [(LOOPBACK, "192.0.2.99")], "yes")
    check_source(lab, "systemd-resolved", "lo")
    assert NAME in lab.queries()


def test_routing_only_domain(system, lab):
    """It is not searched; but who asks for a name in it asks there."""
    system.resolved([(LOOPBACK, "example", True)], [(LOOPBACK, DNS)])
    check_nothing(lab)
    status, found = lab.discover("--no-fetch")
    assert (status, found["domain_source"]) == (0, "command-line")


@pytest.mark.parametrize("place,text", [
    ("leases", f"DNS={DNS}\nDOMAINNAME={DOMAIN}\n"),
    ("links", f"DNS={DNS}\nROUTE_DOMAINS=other.example\nDOMAINS={DOMAIN}\n")])
def test_networkd_lease(system, lab, tmp_path, place, text):
    netif = tmp_path / "netif" / place
    netif.mkdir(parents=True)
    (netif / str(LOOPBACK)).write_text(f"# private\n{text}")
    (netif / "9999").write_text("\0\xff=\n")
    check_source(lab, "systemd-networkd", "lo")


def test_given_servers_ask_nobody(system, lab):
    system.network_manager().connect("dead0", options={"domain_name": DOMAIN})
    status, found = lab.discover("--no-fetch", f"--nameserver={DNS}")
    assert (status, found["domain_source"]) == (0, "command-line")
