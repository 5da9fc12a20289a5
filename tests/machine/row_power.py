# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power that goes at the worst moments, a shutdown, and a call."""

CALL = "systemd-run -q --unit=phone systemd-inhibit --what=idle --mode=block " \
       "--who=phone --why='a call' sleep infinity"


def cut_while_staging(room):
    """Nothing of slot A is written, and the next start goes on by itself."""
    room.begin("registered")
    room.touch(True)
    room.check()
    room.wait_work("staging")
    # slot B came empty from the factory: the plugin is at it
    room.panel.wait("test $(head -c 4096 /dev/vda3 | tr -d '\\0' | wc -c) -gt 0")
    room.panel.kill()
    room.panel.start()
    room.panel.wait_boot()
    assert room.running() == ("A", "1.0.0"), room.running()
    room.touch(True)
    room.wait_progress("staged")
    assert room.running() == ("A", "1.0.0"), room.running()
    assert not room.grub().get("uc_slot_tries"), room.grub()
    room.keep("staged")


def cut_while_activated(room):
    """GRUB's variables are on the disk: the new slot is started whoever restarts the machine."""
    room.begin("staged")
    room.check()
    room.copy_in(room.panel, "/etc/ucupdates/ucupdates.conf.d/60-row.conf",
                 "[Agent]\nRestart=none\n")
    room.panel.do("systemctl restart ucupdatesd")
    room.wait_progress("staged")
    room.touch(False)
    room.wait_progress("activated")
    assert room.running() == ("A", "1.0.0"), room.running()
    assert room.grub()["uc_slot"] == "B", room.grub()
    room.panel.kill()
    room.panel.start()
    room.panel.wait_boot()
    room.check_success("1.1.0", "B")


def shutdown(room):
    """Somebody is there, so nothing happens by itself; switching off is the moment."""
    room.begin("staged")
    room.check()
    room.wait_progress("staged")
    room.wait_reason("idle")
    room.power_off()
    room.panel.start()
    room.panel.wait_boot()
    room.check_success("1.1.0", "B")


def call(room):
    """As long as it lasts nobody restarts anything, and afterwards it goes on by itself."""
    room.begin("staged")
    room.check()
    room.panel.do(CALL)
    room.touch(False)
    room.wait_progress("staged")
    room.wait_reason("use")
    status = room.panel.json("ucupdatesctl status --json")
    assert status["in_use"] and status["use"] == "call", status
    # nobody touches the panel for longer than the policy's idle time
    room.panel.wait("test $(ucupdatesctl explain --json | tr -d ' ' | tr ',{}' '\\n' | "
                    "sed -n 's/^\"busy_secs\"://p') -ge 45")
    refused = room.panel.run("HOME=/tmp fwupdmgr activate", 60)
    assert refused.returncode != 0 and "phone" in refused.stdout + refused.stderr, refused.stderr
    assert room.running() == ("A", "1.0.0"), room.running()
    assert not room.grub().get("uc_slot_tries"), room.grub()
    room.panel.do("systemctl stop phone")
    room.panel.wait_boot()
    room.check_success("1.1.0", "B")
