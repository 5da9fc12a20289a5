# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware that does not work: the endpoint is back where it was, and the mirror knows why."""


from row_road import OFFER_SECS


def offer(room, version):
    """The newest one that is approved is on offer, and nothing else."""
    room.resume_mirror()
    room.mirror.do(f"mirror='ucupdates-mirror --root=/var/lib/ucupdates-mirror'\n"
                   f"$mirror approve $(sha256sum /packages/*/panel-{version}.cab | cut -c1-64)\n"
                   "$mirror publish", OFFER_SECS)


def check_fallback(room, version, why):
    """1.0.0 runs from slot A for good, and the failed one is not tried again."""
    room.wait_events(lambda events: events and events[-1][0] == "failed", "failed")
    assert room.running() == ("A", "1.0.0"), room.running()
    grub = room.grub()
    assert grub.get("uc_slot") == "A" and not grub.get("uc_slot_tries"), grub
    message = room.events()[-1][1]
    assert why in message, message
    room.wait_entry(lambda entry: (entry.get("version"), entry.get("last_event")) ==
                    ("1.0.0", "failed"), f"{version} failed")
    room.check()
    room.wait_reason("failed")
    return message


def ill(room):
    offer(room, "1.2.0")
    room.begin("registered")
    room.check()
    room.panel.wait_console("GRUB: slot B, tries left: 2")
    room.panel.wait_console("GRUB: slot A, tries left: \n")
    room.panel.wait_boot()
    return check_fallback(room, "1.2.0", "the camera does not answer")


def broken(room):
    offer(room, "1.3.0")
    room.begin("registered")
    room.check()
    for tries in (2, 1, 0):
        room.panel.wait_console(f"GRUB: slot B, tries left: {tries}")
    room.panel.wait_console("GRUB: slot A, tries left: \n")
    room.panel.wait_boot()
    return check_fallback(room, "1.3.0", "")
