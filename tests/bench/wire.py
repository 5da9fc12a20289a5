# SPDX-License-Identifier: LGPL-2.1-or-later
"""A wire with a length: two network namespaces, and every packet takes its time between them.

The relay is below IP, so that connecting takes a round trip as on a real link. Run as a program:
`wire.py DELAY_MS PID` joins this network namespace (198.51.100.2) with that of a process
(198.51.100.1), prints "up" and relays until it is killed.
"""

import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time

HERE, THERE = "198.51.100.2", "198.51.100.1"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
PACKET_BYTES = 65536


def ip(prefix, *words):
    subprocess.run([*prefix, "ip", *words], check=True)


def open_end(name, pid, address, peer):
    """A TUN device with its address, in the namespace of that process or in this one."""
    prefix = ["nsenter", f"--net=/proc/{pid}/ns/net"] if pid else []
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    if pid:
        ip([], "link", "set", name, "netns", pid)
    ip(prefix, "addr", "add", address, "peer", peer, "dev", name)
    ip(prefix, "link", "set", name, "up")
    return fd


def relay(ends, delay_secs):
    """Packets in the order in which they are due; a full queue loses them, as a link does."""
    poll, queue, count = select.epoll(), [], 0
    for fd in ends:
        poll.register(fd, select.EPOLLIN)
    while True:
        wait = max(0, queue[0][0] - time.monotonic()) if queue else -1
        for fd, _ in poll.poll(wait):
            count += 1
            packet = os.read(fd, PACKET_BYTES)
            heapq.heappush(queue, (time.monotonic() + delay_secs, count, ends[fd], packet))
        while queue and queue[0][0] <= time.monotonic():
            _, _, fd, packet = heapq.heappop(queue)
            try:
                os.write(fd, packet)
            except OSError:
                pass


def main():
    delay_secs, pid = float(sys.argv[1]) / 1000, sys.argv[2]
    here = open_end("uc-here", None, HERE, THERE)
    there = open_end("uc-there", pid, THERE, HERE)
    print("up", flush=True)
    relay({here: there, there: here}, delay_secs)


if __name__ == "__main__":
    main()
