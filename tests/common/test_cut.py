# SPDX-License-Identifier: LGPL-2.1-or-later
"""A download from nginx through a relay that is cut: what is fetched again is less than a buffer."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import socket
import struct
import subprocess
import sys
import termios
import threading

import pytest

from uclab.process import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "bench"))
import download  # noqa: E402

SIZE_BYTES = 16 << 20
BUFFER_BYTES = 128 * 1024
CHUNK_BYTES = 16 * 1024
PORT = download.PORT + 1
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing is a RST, and nothing waits


def unsent_bytes(connection):
    """What the other end's kernel does not have yet; a RST would lose it here."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]


class Relay:
    """Between a client and nginx; counts, and ends a connection after so many bytes to the client."""

    def __init__(self):
        self.cut_bytes, self.resets, self.came_bytes = None, False, 0
        self.listener = socket.create_server(("127.0.0.1", PORT))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", download.PORT))
            threading.Thread(target=self.pump_up, args=(client, server), daemon=True).start()
            self.pump_down(server, client)

    @staticmethod
    def pump_up(client, server):
        with contextlib.suppress(OSError):  # the other direction was cut
            while data := client.recv(CHUNK_BYTES):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def pump_down(self, server, client):
        self.came_bytes = 0
        with contextlib.suppress(OSError):  # the client has all that it wants
            while data := server.recv(CHUNK_BYTES):
                if self.cut_bytes is not None:
                    data = data[:self.cut_bytes - self.came_bytes]
                client.sendall(data)
                self.came_bytes += len(data)
                if self.came_bytes == self.cut_bytes:
                    break
        if self.resets:
            wait_for(lambda: unsent_bytes(client) == 0, 20, "what is on its way")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        for end in (client, server):
            with contextlib.suppress(OSError):
                # the other thread waits in it, so that a close alone would send nothing
                if end is server or not self.resets:
                    end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture(name="place", scope="module")
def fixture_place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("cut")
    download.make_keys(directory)
    (directory / "root").mkdir()
    (directory / "root/file").write_bytes(os.urandom(SIZE_BYTES))
    nginx = download.start_nginx(directory)
    relay = Relay()
    yield directory, relay
    relay.listener.close()
    nginx.terminate()
    nginx.wait(20)


def fetch(directory):
    digest = hashlib.sha256((directory / "root/file").read_bytes()).hexdigest()
    return subprocess.run(
        [os.environ["UC_DOWNLOAD"], download.HOST, "127.0.0.1", str(PORT), directory / "anchors",
         "/file", directory / "out", str(SIZE_BYTES), digest],
        capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("resets", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_cut(place, percent, resets):
    directory, relay = place
    out, part = directory / "out", directory / "out.part"
    relay.cut_bytes, relay.resets = SIZE_BYTES * percent // 100, resets
    result = fetch(directory)
    assert result.returncode == 1 and not out.exists()
    assert part.exists() and result.stderr, result.stderr
    kept_bytes = part.stat().st_size
    again_bytes = relay.came_bytes - kept_bytes  # with all that TLS and HTTP add
    assert relay.came_bytes == relay.cut_bytes
    print(f"# cut at {percent} %: at most {again_bytes} bytes are fetched again")
    assert 0 < again_bytes < BUFFER_BYTES
    relay.cut_bytes, relay.resets = None, False
    assert fetch(directory).returncode == 0
    assert out.read_bytes() == (directory / "root/file").read_bytes() and not part.exists()
    rest_bytes = SIZE_BYTES - kept_bytes
    assert rest_bytes <= relay.came_bytes < rest_bytes + rest_bytes // 500 + 2 * CHUNK_BYTES
    out.unlink()
