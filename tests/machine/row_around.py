# SPDX-License-Identifier: LGPL-2.1-or-later
"""Another network manager, first use, the sandboxes, and what the journals say about denials."""

import re

# of a whole run, in any of the journals
DENIAL = re.compile(r"denied|not permitted|not allowed|read-only file system|SIGSYS|type=1326|"
                    r"Failed at step|cannot set a timer", re.I)
# where lines of the drop-in are left out
MEANT = ("panel-drop-in.journal",)
# what no program says that is in order
CRASH = re.compile(r"assertion .* failed|CRITICAL|segfault|dumped core|signal=")
# exposure of 10, lower is better; ucupdates-confirm runs the vendor's program, so it has no sandbox
THRESHOLD = 2.0
SANDBOXES = (("panel", "ucupdatesd.service"), ("panel", "ucupdates-trust.service"),
             ("mirror", "ucupdates-mirror.service"),
             ("mirror", "ucupdates-mirror-publish.service"))
FIRST_USE = "[Service]\nFirstUse=true\n"
NETWORK = "[Match]\nName=en*\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nUseDomains=yes\n"


def networkd(room):
    """The same endpoint without NetworkManager: domains and name servers are in the lease."""
    room.begin("registered")
    room.touch(True)
    room.panel.do("systemctl mask --runtime --now NetworkManager\n"
                  "rm -f /run/NetworkManager/*.conf\n"
                  "ip addr flush dev $(ls /sys/class/net | grep ^en)")
    room.copy_in(room.panel, "/run/systemd/network/room.network", NETWORK)
    room.panel.do("systemctl start systemd-networkd")
    room.panel.wait("ls /run/systemd/netif/leases/*")
    found = room.panel.json("ucupdates-discover --json", 60)
    assert found["outcome"] == "found" and found["domain"] == "room.example", found
    seen = room.entry()["last_seen"]
    room.panel.do("systemctl restart ucupdatesd")
    room.wait_entry(lambda entry: entry["last_seen"] > seen, "seen again")
    return f"the domain is from {found['domain_source']}"


def first_use(room):
    """The same endpoint after a factory reset, with an image that allows first use: from no anchor
    to the image that is on offer, staged."""
    room.begin("registered")
    room.touch(True)
    room.mirror.do(f"ucupdates-mirror --root=/var/lib/ucupdates-mirror forget {room.entry()['id']}")
    room.panel.do("systemctl stop ucupdatesd fwupd ucupdates-trust.path\n"
                  "find /var/lib/ucupdates /etc/ucupdates/trust.d /etc/pki/fwupd "
                  "/etc/pki/fwupd-metadata -mindepth 1 -delete\n"
                  "rm -rf /var/lib/fwupd/*")
    room.copy_in(room.panel, "/etc/ucupdates/ucupdates.conf.d/10-image.conf", FIRST_USE)
    room.panel.do("systemctl start ucupdates-first-use ucupdates-trust.path ucupdatesd")
    room.wait_entry(lambda entry: entry.get("version") == "1.0.0", "there again")
    room.wait_progress("staged")
    told = room.panel.json("ucupdatesctl status --json")["first_use"]
    assert told.startswith("the anchors of room.example were taken from the network"), told
    public = room.mirror.json("ucupdates-mirror --root=/var/lib/ucupdates-mirror key list --json")
    assert public["fingerprint"] in told, (public["fingerprint"], told)
    return told


def exposure(machine, unit):
    text = machine.run(f"systemd-analyze security --no-pager {unit}").stdout
    return float(re.search(r"exposure level for \S+ ([0-9.]+)", text)[1])


def sandboxes(room):
    """As systemd itself rates the installed units, and fwupd with and without the drop-in."""
    room.begin("registered")
    room.touch(True)
    machines = {"panel": room.panel, "mirror": room.mirror}
    told = {unit: exposure(machines[name], unit) for name, unit in SANDBOXES}
    for unit, value in told.items():
        assert value <= THRESHOLD, f"{unit}: {value}, expected at most {THRESHOLD}"
    for unit in ("ucupdates-confirm.service", "fwupd.service"):
        told[unit] = exposure(room.panel, unit)
    return ", ".join(f"{unit} {value}" for unit, value in told.items())


def denials(room):
    """Nothing was kept from what it needed, and nothing crashed, in any row of this run."""
    found = [f"{path.name}: {line}" for path in sorted(room.directory.rglob("*.journal"))
             if path.name not in MEANT for line in path.read_text(encoding="utf-8").splitlines()
             if DENIAL.search(line) or CRASH.search(line)]
    assert not found, "\n".join(found[:40])
