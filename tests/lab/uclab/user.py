# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent's own user, which the package makes on a real machine, in this namespace alone."""

import pathlib
import pwd

from . import net

NAME = "ucupdates"
ID = 64123


def ensure(directory):
    """The user's entry; made known to every program of this namespace where there is none."""
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    for database, line in (
        ("passwd", f"{NAME}:x:{ID}:{ID}::/var/lib/ucupdates:/usr/sbin/nologin\n"),
        ("group", f"{NAME}:x:{ID}:\n"),
    ):
        original = pathlib.Path("/etc") / database
        copy = pathlib.Path(directory) / database
        copy.write_text(original.read_text(encoding="utf-8") + line, encoding="utf-8")
        net.mount_over(copy, original)
    return pwd.getpwnam(NAME)


def can_reach(*paths):
    """Whether a user without any rights comes as far as these."""
    return all(
        parent.stat().st_mode & 0o001
        for path in paths for parent in pathlib.Path(path).resolve().parents
    )
