# SPDX-License-Identifier: LGPL-2.1-or-later
"""A TCP relay between endpoint and mirror that can be cut, as a cable can.

Run as a program: `relay.py LISTEN PORT TARGET PORT CUT_BYTES CONTROL`. It relays until CUT_BYTES
came from the target, then closes everything and refuses connections until the file CONTROL exists.
Says `cut` then, and `after N` for each connection that ended since, with the bytes that came.
"""

import asyncio
import pathlib
import sys

CHUNK_BYTES = 64 * 1024


class Relay:
    def __init__(self, target, cut_bytes, control):
        self.target = target
        self.left_bytes = cut_bytes
        self.control = pathlib.Path(control)
        self.writers = set()

    @property
    def is_cut(self):
        return self.left_bytes <= 0 and not self.control.exists()

    def cut(self):
        print("cut", flush=True)
        for writer in list(self.writers):
            writer.transport.abort()

    async def pump(self, reader, writer, counts):
        came_bytes = 0
        whole = self.left_bytes > 0
        try:
            while data := await reader.read(CHUNK_BYTES):
                came_bytes += len(data)
                writer.write(data)
                await writer.drain()
                if counts and self.left_bytes > 0:
                    self.left_bytes -= len(data)
                    if self.left_bytes <= 0:
                        self.cut()
        except OSError:
            pass
        finally:
            if counts and not whole:
                print(f"after {came_bytes}", flush=True)
            writer.transport.abort() if self.is_cut else writer.close()

    async def serve(self, reader, writer):
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        self.writers |= {writer, far_writer}
        try:
            await asyncio.gather(
                self.pump(reader, far_writer, False), self.pump(far_reader, writer, True)
            )
        finally:
            self.writers -= {writer, far_writer}


async def main():
    listen, port, target, target_port, cut_bytes, control = sys.argv[1:]
    relay = Relay((target, int(target_port)), int(cut_bytes), control)
    server = await asyncio.start_server(relay.serve, listen, int(port))
    print("listening", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
