# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the table, in the order in which they are played."""

import dataclasses
from typing import Callable

import row_road


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    play: Callable
    after: tuple = ()
    needed: bool = False


ROWS = (
    Row("start", "both machines start, the endpoint through GRUB from slot A", row_road.start,
        needed=True),
    Row("provision", "one script makes both machines ready; the second time it changes nothing",
        row_road.provision, ("start",), needed=True),
    Row("register", "the endpoint finds the mirror through NetworkManager and checks in",
        row_road.register, ("provision",), needed=True),
)
