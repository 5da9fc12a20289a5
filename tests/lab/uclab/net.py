# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network of the lab's own: documentation addresses on the loopback device of a new namespace.

The product refuses loopback addresses as those of a service. With documentation addresses
(RFC 5737, RFC 3849) on `lo` it needs no switch that allows them, and every lab has ports 53 and 443
to itself.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

MARK = "UC_LAB_NAMESPACE"

DNS = "192.0.2.53"
MIRROR = "192.0.2.10"
MIRROR6 = "2001:db8::10"
FOREIGN = "192.0.2.66"
ADDRESSES = [DNS, MIRROR, FOREIGN]
ADDRESSES6 = [MIRROR6]

EXPOSED = "/mnt"
RESOLV_CONF = pathlib.Path("/etc/resolv.conf")


def inside():
    """Whether this process is in a namespace of the lab already."""
    return MARK in os.environ


def enter():
    """Run this very program again in network and mount namespaces of its own."""
    if inside():
        return
    os.environ[MARK] = "1"
    command = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
    os.execvp("unshare", command + [sys.executable, "-B"] + sys.argv)


def set_up():
    """Bring the loopback device up with the lab's addresses. Running it twice is harmless."""
    if not inside():
        raise RuntimeError("not in a namespace of the lab: the host's network stays untouched")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ADDRESSES:
        subprocess.run(["ip", "addr", "replace", f"{address}/32", "dev", "lo"], check=True)
    for address in ADDRESSES6:
        subprocess.run(
            ["ip", "-6", "addr", "replace", f"{address}/128", "dev", "lo", "nodad"], check=True
        )


def mount_over(source, target):
    """Show one file in the place of another, in this namespace alone."""
    if not inside():
        raise RuntimeError(f"not in a namespace of the lab: the host's {target} stays untouched")
    command = ["mount", "--bind", str(source), str(target)]
    if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        # what an earlier lab mounted there is gone, and nothing can be mounted over that
        subprocess.run(["umount", str(target)], check=True)
        subprocess.run(command, check=True)


def set_resolv_conf(directory, text):
    """Give this mount namespace a resolv.conf of its own; the host's file stays as it is."""
    path = pathlib.Path(directory) / "resolv.conf"
    path.write_text(text, encoding="utf-8")
    target = RESOLV_CONF.resolve()
    if not target.exists():
        raise RuntimeError(f"{target} does not exist, so nothing can be mounted over it")
    mount_over(path, target)


def expose(directory):
    """Show a directory to other users too, at a path that they can reach; returns that path.

    polkitd gives its rights up before it connects to the bus, and the lab may be somewhere below a
    home directory. The mount is seen in this namespace alone.
    """
    if not inside():
        raise RuntimeError("not in a namespace of the lab: the host's mounts stay untouched")
    if not os.path.ismount(EXPOSED):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "lab", EXPOSED], check=True)
    target = tempfile.mkdtemp(dir=EXPOSED)
    subprocess.run(["mount", "--bind", str(directory), target], check=True)
    return pathlib.Path(target)
