#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The story of one update, told by the real programs (contrib/try).

Each step shows what its programs print and checks that the outcome is what it must be; the first
one that is not ends the story with a non-zero exit status.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shlex
import sys
import textwrap
import time

from uclab import net
from uclab.gui import Gui
from uclab.lab import Lab
from uclab.process import LabError, run

IDLE_SECS = 4
COLOUR = re.compile(r"\033\[[0-9;]*m")
PROGRESS = re.compile(r"\w+…: \d+%")


class StoryError(Exception):
    """An outcome is not what it must be."""


class Teller:
    """Prints the story, and remembers what was shown and how long it took."""

    def __init__(self):
        self.colour = sys.stdout.isatty()
        self.steps = []
        self.started = time.monotonic()

    def _style(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def step(self, title):
        now = time.monotonic()
        if self.steps:
            self.steps[-1][1] = now - self.steps[-1][1]
        self.steps.append([title, now])
        print(f"\n{self._style('1', f'{len(self.steps)}. {title}')}\n", flush=True)

    def say(self, text):
        print(textwrap.fill(" ".join(text.split()), 96), flush=True)

    def show(self, command, result, part=None):
        """Show a command as its reader would type it, and what it really printed.

        part is (first line to show has this, so many lines); the rest is left out, and marked so.
        Progress bars and colours are left out everywhere.
        """
        print(self._style("36", f"  $ {command}"))
        text = COLOUR.sub("", result.stdout + result.stderr)
        shown = [line.rstrip() for line in text.rstrip().splitlines()
                 if not PROGRESS.fullmatch(line.strip())]
        while shown and not shown[-1]:
            shown.pop()
        if part is not None:
            start = next((i for i, line in enumerate(shown) if part[0] in line), 0)
            cut = shown[start:start + part[1]]
            shown = ["…"] * (start > 0) + cut + ["…"] * (start + part[1] < len(shown))
        for line in shown:
            print(self._style("2", f"  {line}"))
        print(flush=True)
        return result

    def check(self, truth, what):
        if not truth:
            raise StoryError(what)
        print(f"  {self._style('32', '✓')} {what}", flush=True)

    def summary(self):
        now = time.monotonic()
        if self.steps:
            self.steps[-1][1] = now - self.steps[-1][1]
        print(f"\n{self._style('1', 'What was shown')}\n")
        for number, (title, seconds) in enumerate(self.steps, 1):
            print(f"  {number}. {title:<74} {seconds:6.1f} s")
        print(f"     {'altogether':<74} {now - self.started:6.1f} s", flush=True)


def file_hash(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Story:
    def __init__(self, lab, teller, gui):
        self.lab = lab
        self.teller = teller
        self.gui = gui
        self.packages = {}

    # the programs, as their reader would type them

    def fwupdmgr(self, *arguments, shown=None, part=None):
        result = self.lab.fwupd.fwupdmgr(*arguments)
        return self.teller.show(shown or f"fwupdmgr {shlex.join(map(str, arguments))}", result, part)

    def ctl(self, *arguments, part=None):
        result = self.lab.agent.ctl(*arguments)
        return self.teller.show(f"ucupdatesctl {shlex.join(map(str, arguments))}", result, part)

    def mirror(self, *arguments, shown=None, part=None):
        result = self.lab.mirror.command(*arguments)
        words = shown or shlex.join(map(str, arguments))
        return self.teller.show(f"ucupdates-mirror --root=… {words}", result, part)

    def device(self):
        return self.lab.fwupd.devices()[self.lab.endpoint.name]

    def updates(self):
        """The versions that fwupd offers to the endpoint."""
        result = self.lab.fwupd.fwupdmgr("get-updates", "--json")
        if result.returncode == 2:
            return []
        return [
            release["Version"]
            for device in json.loads(result.stdout)["Devices"]
            if device["Name"] == self.lab.endpoint.name
            for release in device["Releases"]
        ]

    def slots(self):
        return {name: file_hash(path) for name, path in self.lab.endpoint.slots.items()}

    # the steps

    def introduce(self):
        tell = self.teller
        tell.say("This is the story of one firmware update. On one side stands an endpoint: a video "
                 "codec in a meeting room in Berlin, which runs version 1.0.0 from one of its two "
                 "slots. ucupdatesd, the agent, looks after it, and fwupd installs, with the plugin "
                 "of this build. On the other side stands the organisation room.example with its "
                 "mirror, which is the update service.")
        print()
        tell.say("All programs are the real ones (fwupd, polkit, dnsmasq, GRUB's tools), each in a "
                 "network and a directory of this story's own. Only the hardware is not: the two "
                 "slots are files, and a restart is that of the programs. Below each $ stands "
                 "what somebody would type and what was printed, without progress bars; a ✓ is "
                 "something that this program has checked. The first check that fails ends it.")

    def find_service(self):
        tell = self.teller
        tell.step("The endpoint finds its organisation's update service")
        tell.say("All that the endpoint knows is the domain that DHCP gave it, and the trust bundle "
                 "of its organisation: certificates for TLS and for signatures.")
        tell.show("cat /etc/resolv.conf", run(["cat", "/etc/resolv.conf"]))
        result = tell.show("ucupdates-discover", self.lab.agent.discover())
        tell.check(result.returncode == 0, "found, with a certificate and a signature that count")
        asked = self.lab.dns.queries()
        tell.check("ucupdates-r2.room.example" in asked,
                   "the DNS server was asked for ucupdates-r2.room.example")
        tell.check(all(name.endswith(".room.example") or name == "room.example" for name in asked),
                   "and for nothing outside room.example")

    def approve(self):
        tell = self.teller
        tell.step("The administrator imports two packages and approves one")
        tell.say("What is imported is pending until somebody approves it, and only what is approved "
                 "is offered to endpoints (pending packages only to those for tests).")
        lab = self.lab
        self.packages["1.1.0"] = lab.endpoint.make_package("1.1.0", levels=["2"])
        self.packages["1.2.0"] = lab.endpoint.make_package("1.2.0", levels=["2"])
        result = self.mirror("import", *self.packages.values(), shown="import icon400-1.1.0.cab icon400-1.2.0.cab")
        tell.check(result.returncode == 0, "both are imported")
        self.mirror("list")
        self.mirror("publish")
        self.ctl("check")
        self.fwupdmgr("get-updates")
        tell.check(self.updates() == [], "pending packages are offered to nobody")
        self.mirror("approve", self.package_id("1.1.0"))
        self.mirror("publish")
        result = self.ctl("check")
        tell.check(result.returncode == 0, "the endpoint has looked")
        self.fwupdmgr("get-updates", part=("Icon 400 Update:", 12))
        tell.check(self.updates() == ["1.1.0"], "1.1.0 is offered now, and nothing else")

    def package_id(self, version):
        for package in self.lab.mirror.json("list")["packages"]:
            if package["version"] == version and package["state"] == "pending":
                return package["id"]
        raise StoryError(f"the mirror lists no pending package {version}")

    def registered(self):
        tell = self.teller
        tell.step("The endpoint is registered, with fwupd and with the service")
        result = self.fwupdmgr("get-devices", part=("Icon 400:", 24))
        words = ("Acme", "Icon 400", "AC0001", "1.0.0", "hardware level 2")
        tell.check(all(word in result.stdout for word in words), f"fwupd shows {', '.join(words)}")
        self.lab.agent.wait_for(lambda: self.lab.mirror.json("endpoints")["endpoints"], 30,
                                "the check-in")
        result = self.mirror("endpoints")
        words = ("Acme", "icon400", "AC0001", "1.0.0")
        tell.check(all(word in result.stdout for word in words), f"the mirror shows {', '.join(words)}")

    def picture(self):
        path = self.lab.directory / "gnome-firmware.png"
        with self.gui:
            self.gui.wait_until(lambda found: "call with Berlin" in str(found["rows"]), "the call")
            self.gui.picture(path)
        self.teller.check(path.stat().st_size > 0, f"GNOME Firmware shows it too: {path}")

    def wrong_level(self):
        tell = self.teller
        tell.step("A package for another hardware level is not for this one")
        tell.say("Of one model there are boards that need different firmware: hardware levels.")
        lab = self.lab
        other = lab.endpoint.make_package("1.3.0", levels=["3"])
        self.mirror("import", other, shown="import icon400-1.3.0-level3.cab")
        self.mirror("approve", self.package_id("1.3.0"))
        self.mirror("publish")
        self.ctl("check")
        self.ctl("versions")
        tell.check(self.updates() == ["1.1.0"], "1.3.0 for level 3 is approved, and not even offered here")
        tell.say("Now one whose metadata claims to fit level 2, while its header says level 3; it is "
                 "even signed with the organisation's payload key.")
        lie = lab.endpoint.make_package("1.4.0", levels=["3"], claimed_levels=["2"], signer=lab.mirror)
        before = self.slots()
        result = self.fwupdmgr("install", lie, shown="fwupdmgr install lying-1.4.0.cab")
        text = result.stdout + result.stderr
        tell.check(result.returncode != 0, "fwupdmgr refuses it")
        tell.check("hardware level 3" in text and "hardware level 2" in text, "with a sentence that names both levels")
        tell.check(self.slots() == before, "and both slots are what they were, byte for byte")

    def staged(self):
        tell = self.teller
        tell.step("The agent has downloaded the right one, and staged it")
        tell.say("Staged means: written whole into the slot that does not run. Nothing changes for "
                 "who uses the room until it is activated.")
        lab = self.lab
        active = lab.endpoint.running
        lab.agent.wait_for(lambda: "needs-activation" in self.device()["Flags"], 60, "the staged update")
        self.ctl("status")
        result = self.fwupdmgr("get-devices", part=("Icon 400:", 24))
        tell.check("needs activation" in result.stdout, "fwupdmgr says that it needs activation")
        tell.check(lab.endpoint.slot_version(lab.endpoint.other) == "1.1.0", f"the inactive slot {lab.endpoint.other} holds 1.1.0")
        tell.check(lab.endpoint.slot_version(active) == "1.0.0", f"the active slot {active} still holds 1.0.0")
        tell.check(self.device()["Version"] == "1.0.0", "and 1.0.0 runs")

    def call(self):
        tell = self.teller
        tell.step("A call begins, and holds everything")
        lab = self.lab
        tell.say("The policy says when it may be activated: when nobody has used the room for five "
                 f"minutes. So that nobody has to wait for that here, the administrator writes {IDLE_SECS} "
                 "seconds into the rules and publishes them.")
        lab.set_idle_secs(IDLE_SECS)
        lab.agent.ctl("activity")
        self.mirror("publish")
        lab.agent.ctl("activity")
        self.ctl("check")
        print(tell._style("36", "  $ ucupdatesctl inhibit --why='call with Berlin' -- sleep 600 &\n"))
        self.call_process = lab.agent.hold(600, "call with Berlin")
        lab.agent.wait_for(lambda: lab.agent.json("status")["in_use"], 10, "the call")
        tell.say(f"The call goes on for longer than these {IDLE_SECS} seconds …")
        time.sleep(IDLE_SECS + 2)
        result = self.ctl("explain")
        tell.check("call with Berlin" in result.stdout, "explain says what it waits for")
        result = self.fwupdmgr("get-devices", part=("Icon 400:", 24))
        tell.check("Device is in use" in result.stdout, "fwupdmgr shows the device as in use")
        tell.check("in-use" in self.device().get("Problems", []), "with the problem that fwupd has for it")
        before = self.slots()
        package = lab.endpoint.make_package("1.2.0", levels=["2"], signer=lab.mirror)
        result = self.fwupdmgr("install", package, shown="fwupdmgr install icon400-1.2.0.cab")
        tell.check(result.returncode != 0 and "call with Berlin" in result.stdout + result.stderr,
                   "the plugin refuses an install by hand as well")
        tell.check(self.slots() == before and self.device()["Version"] == "1.0.0", "nothing has changed")
        if self.gui is not None:
            self.picture()

    def applied(self):
        tell = self.teller
        tell.step("The call ends, the room is idle, the update is applied")
        lab = self.lab
        ended = time.monotonic()
        self.call_process.stop()
        lab.supervisor.processes.remove(self.call_process)
        lab.agent.wait_for(lambda: lab.endpoint.boots_next() == lab.endpoint.other, 60, "the activation")
        waited = time.monotonic() - ended
        tell.check(waited >= IDLE_SECS - 1, f"activated {waited:.1f} s after the end of the call, not at once")
        events = [entry["event"] for entry in lab.agent.json("history")["entries"]]
        tell.check("activated" in events and "success" not in events, "the history does not say success yet")
        tell.say("The endpoint restarts: GRUB's environment names the slot, and what runs now is "
                 "what is in it.")
        lab.restart_endpoint()
        tell.check(self.device()["Version"] == "1.1.0", "fwupd sees version 1.1.0 running")
        lab.agent.wait_for(
            lambda: "success" in [entry["event"] for entry in lab.agent.json("history")["entries"]],
            30, "success in the history")
        self.ctl("history")
        tell.say("(fwupd keeps one row to a device, and there the refused attempt with 1.2.0 has "
                 "taken the place of this one; that is why the agent keeps a history.)")
        entry = lab.agent.json("history")["entries"][0]
        tell.check(entry["event"] == "success" and entry["version_new"] == "1.1.0",
                   "success is in the history, after the restart showed which version runs")
        lab.agent.wait_for(self.reported, 30, "the report at the mirror")
        self.mirror("endpoints")
        tell.check(self.reported(), "the mirror has the report")
        tell.check("needs-activation" not in self.device()["Flags"], "and nothing is left to do")

    def reported(self):
        return any(
            endpoint["version"] == "1.1.0" and endpoint["last_event"] == "success"
            for endpoint in self.lab.mirror.json("endpoints")["endpoints"]
        )

    def tell(self):
        self.introduce()
        self.find_service()
        self.registered()
        self.approve()
        self.wrong_level()
        self.staged()
        self.call()
        self.applied()


def keep(lab):
    script = lab.directory / "env"
    programs = ":".join(str(lab.builddir / part) for part in ("agent", "mirror", "discovery"))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in lab.agent.env.items()]
    script.write_text("\n".join([*lines, f"export PATH={shlex.quote(programs)}:$PATH", ""]))
    print("\nEverything keeps running. In another terminal, as root:\n")
    print(f"  nsenter --target {os.getpid()} --net --mount --wd={shlex.quote(str(lab.directory))}")
    print(f"  . {script}\n")
    print("and from there, for example:\n")
    print("  fwupdmgr get-devices\n  ucupdatesctl status\n  ucupdates-discover\n"
          f"  ucupdates-mirror --root={lab.mirror.root} list\n  gnome-firmware")
    print("\nCtrl-C ends it.", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builddir", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--gui", action="store_true")
    arguments = parser.parse_args()
    net.enter()
    teller = Teller()
    with Lab(arguments.directory, arguments.builddir) as lab:
        try:
            lab.start()
            gui = Gui(lab.supervisor, lab.fwupd, lab.base / "gui") if arguments.gui else None
            Story(lab, teller, gui).tell()
        except (StoryError, LabError) as error:
            print(f"\nNOT AS IT MUST BE: {error}\nThe logs are in {lab.base}/log/", file=sys.stderr)
            if arguments.keep:
                keep(lab)
            return 1
        teller.summary()
        if arguments.keep:
            keep(lab)
    return 0


if __name__ == "__main__":
    sys.exit(main())
