# SPDX-License-Identifier: LGPL-2.1-or-later
"""A site with one room: the mirror's machine and the endpoint's, on one network."""

import base64
import gzip
import pathlib
import shutil
import time
import uuid

from uclab.process import LabError, wait_for

import image
from disks import OPTIONS
from emulator import Machine

HERE = pathlib.Path(__file__).parent
FILES = {
    "provision": HERE.parent.parent / "contrib/examples/provision",
    "rules.conf": HERE / "mirror/rules.conf",
    "room.conf": HERE / "endpoint/room.conf",
}
WAIT_SECS = 900
# whoever asks under emulation takes much from whom is asked
POLL_SECS = 2


class Room:
    """Both machines. The mirror runs on; the endpoint goes back to what was kept."""

    def __init__(self, directory, disks, kept=None):
        self.directory, self.disks = pathlib.Path(directory), disks
        self.kept = self.directory if kept is None else kept
        self.directory.mkdir(parents=True, exist_ok=True)
        self.mirror_disk = self.directory / "mirror.qcow2"
        self.mirror = Machine(
            "mirror", self.directory,
            [(self.mirror_disk, ""), (disks.packages, ",readonly=on")], ("mirror", "panel"),
            "52:54:00:00:02:01",
            ["-kernel", disks.kernel, "-initrd", disks.initrd, "-append",
             f"root=/dev/vda rw {OPTIONS}"])
        self.saved = int(time.time()) - 5
        self.panel_disk = self.directory / "panel.qcow2"
        self.panel = Machine("panel", self.directory, [(self.panel_disk, "")],
                             ("panel", "mirror"), "52:54:00:00:02:02")

    def begin_new(self):
        """Both machines as they come from the factory, switched off."""
        self.stop()
        self.panel.extra = ()
        image.overlay(self.mirror_disk, self.disks.mirror)
        image.overlay(self.panel_disk, self.disks.endpoint)
        for path in (*self.directory.rglob("*.journal"), *self.directory.rglob("*-console.log")):
            path.unlink()

    def keep_mirror(self, name):
        """The mirror as it is now is what later rows begin with, here and in other rooms."""
        self.mirror.do("sync")
        self._save_journal(self.mirror, f"until-{name}")
        self.mirror.save(name)
        self.mirror.kill()
        self.mirror_disk.rename(self.kept / f"mirror-{name}.qcow2")

    def resume_mirror(self, name="updated"):
        """As it was when that was kept, with the time of today; one that runs stays as it is."""
        if self.mirror.process is not None:
            return
        shutil.copyfile(self.kept / f"mirror-{name}.qcow2", self.mirror_disk)
        self.mirror.start(name)
        self.mirror.wait_boot()
        self.mirror.do(f"date -s @{time.time():.0f}; systemctl restart chrony")

    def twin(self, name):
        """Another room with machines of its own, which begin with what this one keeps."""
        return Room(self.directory / name, self.disks, self.kept)

    def _snapshot(self, name):
        return self.kept / f"panel-{name}.qcow2"

    def keep(self, name):
        """The endpoint as it is now, memory and all, is what later rows begin with."""
        self.panel.do("sync")
        self._save_journal(self.panel, f"until-{name}")
        self.panel.save(name)
        self.panel.kill()
        self.panel_disk.rename(self._snapshot(name))

    def begin(self, name, extra=()):
        """The endpoint as it was when that was kept, and running, with the time of today. With
        other hardware than then it has to start first."""
        self.resume_mirror()
        self.panel.kill()
        shutil.copyfile(self._snapshot(name), self.panel_disk)
        self.panel.extra = tuple(extra)
        self.panel.start(None if extra else name)
        self.panel.wait_boot()
        if not extra:
            self._set_clock()

    def _set_clock(self):
        """The agent reads the kernel's word on its clock when it looks for updates."""
        mark = "/run/systemd/timesync/synchronized"
        self.panel.do(f"rm -f {mark}; date -s @{time.time():.0f}")
        self.panel.wait(f"systemctl restart systemd-timesyncd\nfor i in $(seq 15); do "
                        f"test ! -e {mark} || exit 0; sleep 1; done; exit 1")

    def file(self, name):
        """One of the files that an administrator has beside this tree."""
        return (FILES[name]).read_text(encoding="utf-8")

    def copy_in(self, machine, path, text, mode="0644"):
        """A small file."""
        mark = f"end-{uuid.uuid4()}"
        machine.do(f"mkdir -p \"$(dirname {path})\" && cat >{path} <<'{mark}'\n{text}{mark}\n"
                   f"chmod {mode} {path}")

    def entry(self):
        """The endpoint in the mirror's inventory, or an empty object."""
        endpoints = self.mirror.json("ucupdates-mirror --root=/var/lib/ucupdates-mirror endpoints "
                                     "--json")["endpoints"]
        return endpoints[0] if endpoints else {}

    def wait_entry(self, condition, what):
        wait_for(lambda: condition(self.entry()), WAIT_SECS, f"the inventory: {what}",
                 self.mirror.process, POLL_SECS)

    def status(self):
        """The endpoint as the agent shows it, or an empty object."""
        endpoints = self.panel.json("ucupdatesctl status --json").get("endpoints", [])
        return endpoints[0] if endpoints else {}

    def wait_status(self, condition, what, deadline_secs=WAIT_SECS):
        """Also while the agent or the machine starts."""
        def holds():
            try:
                return condition(self.status())
            except (LabError, ValueError):
                return False
        wait_for(holds, deadline_secs, f"the status: {what}", self.panel.process, POLL_SECS)

    def wait_progress(self, progress, deadline_secs=WAIT_SECS):
        self.wait_status(lambda status: status.get("progress") == progress, progress,
                         deadline_secs)

    def wait_reason(self, reason_id):
        self.wait_status(lambda status: status.get("reason_id") == reason_id, reason_id)

    def events(self):
        """What happened to the endpoint, the oldest first, with the messages."""
        entries = self.panel.json("ucupdatesctl history --json")["entries"]
        return [(entry["event"], entry.get("message", "")) for entry in reversed(entries)]

    def wait_events(self, condition, what):
        def holds():
            try:
                return condition(self.events())
            except (LabError, ValueError):
                return False
        wait_for(holds, WAIT_SECS, f"the history: {what}", self.panel.process, POLL_SECS)

    def wait_work(self, work):
        self.panel.wait(f"ucupdatesctl status --json | grep -q '\"work\" *: *\"{work}\"'",
                        WAIT_SECS)

    def check(self):
        """A look for updates; whether it succeeds is seen by what follows."""
        self.panel.run("ucupdatesctl check", WAIT_SECS)

    def power_off(self):
        """As somebody switches the endpoint off: systemd brings everything to its end."""
        self.panel.run("systemctl --no-block poweroff")
        wait_for(lambda: self.panel.process.poll() is not None, WAIT_SECS, "the machine is off")
        self.panel.kill()

    def touch(self, somebody):
        """Whether there is a hand on the panel from now on."""
        fifo = "/run/kiosk/touch"
        self.panel.wait(f"test -p {fifo} && echo {'down' if somebody else 'up'} >{fifo}")

    def running(self):
        """The slot and the version that run."""
        text = self.panel.do("tr ' ' '\\n' </proc/cmdline | sed -n s/^uc.slot=//p;"
                             "cat /usr/lib/acme/version")
        return tuple(text.split())

    def grub(self):
        """GRUB's variables."""
        text = self.panel.do("grub-editenv /boot/grub/grubenv list")
        return dict(line.split("=", 1) for line in text.splitlines())

    def check_success(self, version, slot):
        """It runs, GRUB keeps it, the agent knows it, and the mirror has been told."""
        assert self.running() == (slot, version), self.running()
        wait_for(lambda: not self.grub().get("uc_slot_tries"), WAIT_SECS, "the start is confirmed",
                 self.panel.process, POLL_SECS)
        assert self.grub()["uc_slot"] == slot
        self.wait_status(lambda status: status.get("version") == version and
                         status.get("progress") == "current", f"{version} is current")
        self.wait_events(lambda events: events and events[-1][0] == "success", "success")
        self.wait_entry(lambda entry: (entry.get("version"), entry.get("last_event")) ==
                        (version, "success"), f"{version} succeeded")

    def _save_journal(self, machine, name):
        text = machine.do(f"journalctl --no-pager -q -o short-iso --since=@{self.saved} | "
                          "gzip -1 | base64 -w0", WAIT_SECS)
        journal = gzip.decompress(base64.b64decode(text)).decode(errors="replace")
        (self.directory / f"{machine.name}-{name}.journal").write_text(journal, encoding="utf-8")

    def save_journals(self, name):
        """What systemd noted, for whoever reads it later and for the row that looks for denials."""
        for machine in (self.panel, self.mirror):
            if machine.process is not None:
                self._save_journal(machine, name)
        self.saved = int(time.time()) - 5

    def stop(self):
        for machine in (self.panel, self.mirror):
            machine.kill()
