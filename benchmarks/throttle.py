"""A way that is longer and narrower than loopback: each connection waits and is held to a rate.

    python benchmarks/throttle.py HOST:PORT MILLISECONDS MEGABYTES

Listens on a free port of loopback, which it prints; every connection to it goes on to HOST:PORT. A round trip takes
MILLISECONDS longer, each way carries at most MEGABYTES a second on each connection. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time

CHUNK = 1 << 16
# What may be on the way at once: the rate during a round trip, and some.
HELD = 64


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, rate: float) -> None:
    """Bytes from one end to the other, each ``delay`` seconds later and no more than ``rate`` of them a second."""
    held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(HELD)

    async def take() -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await held.put((time.monotonic() + delay, data))
        await held.put((0.0, b""))

    taking, free = asyncio.create_task(take()), 0.0
    with contextlib.suppress(OSError):
        while (item := await held.get())[1]:
            due, data = item
            free = max(free, time.monotonic() - 0.02) + len(data) / rate
            await asyncio.sleep(max(due, free) - time.monotonic())
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    taking.cancel()


async def serve(target: str, delay: float, rate: float) -> None:
    host, _, port = target.rpartition(":")

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * delay)  # the handshake
        there, back = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(carry(reader, back, delay, rate), carry(there, writer, delay, rate))
        finally:
            back.close()
            writer.close()

    server = await asyncio.start_server(joined, "127.0.0.1", 0)
    print(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    target, milliseconds, megabytes = sys.argv[1:]
    # What is still under way when the reader of our answers is gone is nobody's loss.
    asyncio.run(serve(target, float(milliseconds) / 2000, float(megabytes) * 1e6))


if __name__ == "__main__":
    main()
