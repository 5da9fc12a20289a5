# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the table, in the order in which they are played."""

import dataclasses
from typing import Callable

import row_around
import row_dropin
import row_fault
import row_power
import row_road


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    play: Callable
    after: tuple = ()
    needed: bool = False
    lane: int = 0  # 0: by itself, first; 1 and 2: side by side; 3: by itself, last


ROWS = (
    Row("start", "both machines start, the endpoint through GRUB from slot A", row_road.start,
        needed=True),
    Row("provision", "one script makes both machines ready; the second time it changes nothing",
        row_road.provision, ("start",), needed=True),
    Row("register", "the endpoint finds the mirror through NetworkManager and checks in",
        row_road.register, ("provision",), needed=True),
    Row("update", "staged, idle by logind, activated, restarted into slot B, healthy, reported",
        row_road.update, ("register",)),
    Row("cut-staging", "power cut while staging: 1.0.0 runs, and staging begins anew",
        row_power.cut_while_staging, ("update",), lane=1),
    Row("cut-activated", "power cut between activation and restart: 1.1.0 runs",
        row_power.cut_while_activated, ("cut-staging",), lane=1),
    Row("shutdown", "somebody is there and switches the endpoint off: 1.1.0 runs the next time",
        row_power.shutdown, ("cut-staging",), lane=1),
    Row("call", "a call holds everything, and afterwards it goes on",
        row_power.call, ("cut-staging",), lane=1),
    Row("ill", "an image whose health check fails is gone back from, and reported",
        row_fault.ill, ("update",), lane=2),
    Row("broken", "an image that does not boot at all is gone back from, and reported",
        row_fault.broken, ("update",), lane=2),
    Row("networkd", "the endpoint finds the mirror through systemd-networkd",
        row_around.networkd, ("update",), lane=1),
    Row("first-use", "after a factory reset: the anchors from the network, then staged",
        row_around.first_use, ("update",), lane=1),
    Row("sandboxes", "systemd-analyze security of every unit", row_around.sandboxes,
        ("update",), lane=1),
    Row("drop-in", "each line of the drop-in for fwupd is needed, and all are enough",
        row_dropin.drop_in, ("update",), lane=2),
    Row("denials", "no journal says that anything was denied", row_around.denials, ("register",),
        lane=3),
)
