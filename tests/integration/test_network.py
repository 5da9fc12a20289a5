# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent in a network that changes: one look after it settled, and what is known of networks."""

import json
import os
import subprocess

import dbus
import pytest

from uclab import net
from uclab.forge import Forger
from uclab.lab import DOMAIN, SERVICE, Lab
from uclab.process import wait_for
from uclab.web import Web

BUILDDIR = os.environ["UC_BUILDDIR"]
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
OUTSIDE = "updates.outside.example"
NM = "org.freedesktop.NetworkManager"
NM_PATH = "/org/freedesktop/NetworkManager"
CHANGED = "the network changed; looking for the service"


@pytest.fixture(name="lab")
def fixture_lab(short_dir):
    with Lab(short_dir, BUILDDIR) as lab:
        lab.start_service()
        yield lab


def way(lab):
    return lab.agent.json("service")["way"]


def look_ups(lab):
    """How often the address of the service was asked for."""
    return lab.dns.process.log_text().count(f"query[A] {SERVICE} ")


def resolv_conf(lab):
    """One that the agent sees change; the lab's is mounted over the host's."""
    path = lab.base / "own-resolv.conf"
    path.write_text(f"search {DOMAIN}\nnameserver {net.DNS}\n", encoding="utf-8")
    return path


def start_network_manager(lab):
    lab.supervisor.spawn(
        "networkmanager",
        ["/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "networkmanager"],
        lab.bus.env)
    wait_for(lambda: lab.bus.has_owner(NM), 15, "the mock of NetworkManager")


def mock(lab, path=NM_PATH):
    bus = dbus.bus.BusConnection(lab.bus.address)
    return dbus.Interface(bus.get_object(NM, path), "org.freedesktop.DBus.Mock")


def add_object(lab, path, interface):
    properties = dbus.Dictionary({"Value": dbus.UInt32(0)}, signature="sv")
    mock(lab).AddObject(path, interface, properties, dbus.Array([], signature="(ssss)"))
    return mock(lab, path)


def changes(lab):
    return lab.agent.process.log_text().count(CHANGED)


def test_ten_changes_are_one_discovery(lab):
    lab.start_endpoint()
    start_network_manager(lab)
    config = add_object(lab, f"{NM_PATH}/IP4Config/1", f"{NM}.IP4Config")
    lab.agent.check()
    asked = look_ups(lab)
    assert changes(lab) == 0
    for number in range(1, 11):
        config.UpdateProperties(f"{NM}.IP4Config", {"Value": dbus.UInt32(number)})
    lab.agent.wait_for(lambda: changes(lab) > 0, 15, "the look after the change")
    lab.agent.wait_for(lambda: look_ups(lab) > asked, 15, "the question to DNS")
    lab.agent.check()  # after that one
    assert (changes(lab), look_ups(lab)) == (1, asked + 1)
    assert way(lab) == "last", "what DNS said holds again"


def test_noise_is_no_change(lab):
    """What NetworkManager tells all the time, and a renewed lease."""
    lab.start_endpoint()
    start_network_manager(lab)
    for number, interface in enumerate(("DHCP4Config", "AccessPoint", "Device.Statistics")):
        noise = add_object(lab, f"{NM_PATH}/Noise/{number}", f"{NM}.{interface}")
        noise.UpdateProperties(f"{NM}.{interface}", {"Value": dbus.UInt32(7)})
    assert changes(lab) == 0
    # one that counts, to know when the others would have been told
    config = add_object(lab, f"{NM_PATH}/IP4Config/1", f"{NM}.IP4Config")
    config.UpdateProperties(f"{NM}.IP4Config", {"Value": dbus.UInt32(7)})
    lab.agent.wait_for(lambda: changes(lab) > 0, 15, "the look after the change")
    lab.agent.check()
    assert changes(lab) == 1


def test_a_change_ends_the_wait_for_a_service(lab):
    """No service in DNS, then the cable is put into another socket."""
    path = resolv_conf(lab)
    path.write_text(f"search empty.example\nnameserver {net.DNS}\n", encoding="utf-8")
    lab.bus.start()
    lab.fwupd.start()
    lab.agent.start({"UCUPDATES_RESOLV_CONF": str(path)})
    assert "has no address in DNS" in lab.agent.check(1)
    new = path.with_suffix(".new")
    new.write_text(f"search {DOMAIN}\nnameserver {net.DNS}\n", encoding="utf-8")
    new.rename(path)
    lab.agent.wait_for(lambda: lab.agent.json("service")["way"] == "dns", 20, "the service")
    assert changes(lab) == 1


def test_a_dead_network_erases_nothing(lab):
    path = resolv_conf(lab)
    lab.bus.start()
    lab.fwupd.start()
    lab.agent.start({"UCUPDATES_RESOLV_CONF": str(path)})
    lab.agent.check()
    before = {name: (lab.agent.state / name).read_bytes()
              for name in ("service.json", "last-service.json", "policy.json")}
    lab.dns.process.stop()
    lab.mirror.stop()
    path.write_text(f"search {DOMAIN}\nnameserver 192.0.2.98\n", encoding="utf-8")
    lab.agent.wait_for(lambda: changes(lab) == 1, 20, "the look after the change")
    lab.agent.check(1)
    for name, data in before.items():
        assert (lab.agent.state / name).read_bytes() == data, name
    assert lab.agent.json("service")["organisation"] == DOMAIN


needs_faketime = pytest.mark.skipif(
    "UC_SANITIZER" in os.environ or not os.path.exists(FAKETIME),
    reason="libfaketime and a sanitizer do not go together, or it is not installed",
)


@needs_faketime
def test_dns_is_asked_again_after_its_time_to_live(lab):
    """A minute in two seconds; until then the last good service is enough."""
    lab.bus.start()
    lab.fwupd.start()
    lab.agent.start({"LD_PRELOAD": FAKETIME, "FAKETIME": "+0 x30",
                     "FAKETIME_DONT_FAKE_MONOTONIC": "1"})
    lab.agent.check()
    assert look_ups(lab) == 1

    def asked_again():
        lab.agent.check()
        return look_ups(lab) > 1

    lab.agent.check()
    assert (way(lab), look_ups(lab)) == ("last", 1)
    wait_for(asked_again, 20, "another question to DNS", lab.agent.process)
    assert look_ups(lab) == 2
    # and when DNS has nothing to say, the last good service is still there
    lab.dns.process.stop()
    for _ in range(3):
        lab.agent.check()
        assert way(lab) == "last"


def test_no_service_is_not_asked_for_before_that_is_over(lab):
    """A negative answer without a SOA holds for a minute; the first retry would come within 5 s."""
    net.set_resolv_conf(lab.base, f"search empty.example\nnameserver {net.DNS}\n")
    lab.start_endpoint()
    lab.agent.check(1)
    status = json.loads(lab.agent.ctl("status", "--json").stdout)
    text = status.get("check_retry") or status["next"]
    left = int(subprocess.run(["date", "-d", text, "+%s"], check=True, capture_output=True,
                              text=True).stdout) - int(subprocess.run(
                                  ["date", "+%s"], check=True, capture_output=True,
                                  text=True).stdout)
    assert 50 < left <= 75, status


def test_outside_is_remembered_per_network(lab, tmp_path):
    """A network of the organisation from which only the external service can be reached."""
    lab.dns.add_host(OUTSIDE, net.FOREIGN)
    lab.dns.restart()
    forger = Forger(lab.mirror, tmp_path)
    forger.replace(lambda body: body.update(external_url=f"https://{OUTSIDE}/",
                                            serial=body["serial"] + 1))
    lab.start_endpoint()
    lab.agent.check()
    memory = lab.agent.state / "outside-networks.json"
    assert not memory.exists()
    password = lab.agent.state / "password"
    password.write_text("s3cret\n", encoding="utf-8")
    password.chmod(0o600)
    lab.agent.own()
    pair = forger.issue(forger.pair("tls", "ca"), [OUTSIDE], tmp_path / "outside")
    lab.mirror.stop()
    with Web(net.FOREIGN, lab.mirror.root / "public", *pair) as web:
        asked = look_ups(lab)
        lab.agent.check()
        assert way(lab) == "external" and web.requests
        assert look_ups(lab) == asked + 1, "inside was tried first"
        assert len(json.loads(memory.read_text())["networks"]) == 1
        assert DOMAIN not in memory.read_text(), "no list of places"
        lab.agent.check()
        assert (way(lab), look_ups(lab)) == ("external", asked + 1), "outside at once"
        lab.mirror.start()
        lab.agent.check()
        assert way(lab) == "external", "for a day"
        # another network, where nothing is known: inside comes first
        net.set_resolv_conf(lab.base,
                            f"search {DOMAIN} lab.example\nnameserver {net.DNS}\n")
        lab.agent.check()
        assert way(lab) == "dns"
        net.set_resolv_conf(lab.base, f"search {DOMAIN}\nnameserver {net.DNS}\n")
        lab.agent.check()
        assert way(lab) == "external"
    # and when outside fails there, inside is tried all the same
    lab.agent.check()
    assert way(lab) in ("dns", "last")
    assert json.loads(memory.read_text())["networks"] == []
