# SPDX-License-Identifier: LGPL-2.1-or-later
"""From two clean machines to an updated one."""

import base64

WORK = "/var/tmp/room"
OFFER_SECS = 1200


def start(room):
    room.begin_new()
    room.mirror.start()
    room.panel.start()
    room.mirror.wait_boot()
    room.panel.wait_boot()
    assert "uc.slot=A" in room.panel.do("cat /proc/cmdline")
    assert "GRUB: slot A, tries left:" in room.panel.console_text()
    room.mirror.wait("systemctl is-active dnsmasq chrony systemd-networkd")


def provision_mirror(room, cabs=f"{WORK}/cabs"):
    return room.mirror.do(f"{WORK}/provision mirror room.example {WORK}/rules.conf /root/recovery "
                          f"{cabs}", OFFER_SECS)


def provision_endpoint(room):
    return room.panel.do(f"{WORK}/provision endpoint {WORK}/trust {WORK}/room.conf", OFFER_SECS)


def provision(room):
    """The very files that the mirror has for endpoints are carried over."""
    for machine in (room.mirror, room.panel):
        room.copy_in(machine, f"{WORK}/provision", room.file("provision"), "0755")
    room.copy_in(room.mirror, f"{WORK}/rules.conf", room.file("rules.conf"))
    room.copy_in(room.panel, f"{WORK}/room.conf", room.file("room.conf"))
    room.mirror.do(f"mkdir {WORK}/cabs; mount -o ro /dev/vdb /packages")
    first = provision_mirror(room)
    assert "is the mirror of room.example" in first and "published" in first, first
    trust = room.mirror.do("tar -C /var/lib/ucupdates-mirror -cz trust | base64 -w0")
    base64.b64decode(trust, validate=True)
    room.panel.do(f"echo {trust} | base64 -d | tar -C {WORK} -xz")
    first += provision_endpoint(room)
    assert "trust.d" in first, first
    second = provision_mirror(room) + provision_endpoint(room)
    assert second == "", f"the second run changed something:\n{second}"
    return first


def register(room):
    """Nothing on the endpoint names the mirror: the site's DHCP and DNS do."""
    room.panel.wait("nmcli -t -f STATE general | grep -qx connected")
    # which has little time to say what it knows; the domain is in resolv.conf as well
    room.panel.wait("ucupdates-discover --json | grep 'domain_source.*NetworkManager'")
    found = room.panel.json("ucupdates-discover --json", 60)
    assert found["outcome"] == "found" and found["domain"] == "room.example", found
    room.panel.wait("ucupdatesctl status --json | grep -q '\"organisation\" *: *\"room.example\"'")
    room.wait_entry(lambda entry: entry.get("version") == "1.0.0", "1.0.0")
    room.panel.wait("ucupdatesctl status --json | grep -q '\"last_check\"'")
    room.keep("registered")


def update(room):
    room.begin("registered")
    room.touch(True)
    changed = provision_mirror(room, "/packages/good")
    assert "panel-1.1.0.cab is imported and approved" in changed and "published" in changed, changed
    room.check()
    room.wait_progress("staged")
    room.wait_reason("idle")
    # while the panel restarts; imported only, so that nothing of it is on offer
    room.mirror.do("systemd-run -q --unit=later ucupdates-mirror --root=/var/lib/ucupdates-mirror "
                   "import --hold /packages/ill /packages/broken")
    room.touch(False)
    room.panel.wait_boot()
    room.check_success("1.1.0", "B")
    again = provision_mirror(room, "/packages/good") + provision_endpoint(room)
    assert again == "", f"on the updated endpoint another run changed something:\n{again}"
    room.mirror.wait("! systemctl is-active later")
    room.keep_mirror("updated")
