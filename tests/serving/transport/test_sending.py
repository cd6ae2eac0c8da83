"""Connections that write once in a tick what was given to them in it."""

import asyncio
from typing import cast

from serving.transport.sending import MOST_BYTES, GatheringTransport


class Below(asyncio.Transport):
    """A transport that notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[bytes | str] = []
        self.is_gone = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def is_closing(self) -> bool:
        return self.is_gone


def gathering(below: Below) -> GatheringTransport:
    return GatheringTransport(below, asyncio.get_running_loop())


async def test_a_head_and_a_body_are_written_as_one() -> None:
    below = Below()
    transport = gathering(below)

    transport.write(b"head ")
    transport.write(b"body")
    assert below.told == []
    await asyncio.sleep(0)

    assert below.told == [b"head body"]


async def test_each_tick_has_its_own() -> None:
    below = Below()
    transport = gathering(below)

    for part in (b"first", b"second"):
        transport.write(part)
        await asyncio.sleep(0)

    assert below.told == [b"first", b"second"]


async def test_much_is_written_at_once() -> None:
    below = Below()
    transport = gathering(below)

    transport.write(b"head ")
    transport.write(bytes(MOST_BYTES))

    assert below.told == [b"head " + bytes(MOST_BYTES)]
    await asyncio.sleep(0)
    assert len(below.told) == 1


async def test_what_was_given_is_written_before_the_connection_is_closed() -> None:
    below = Below()
    transport = gathering(below)

    transport.write(b"goodbye")
    transport.close()
    await asyncio.sleep(0)

    assert below.told == [b"goodbye", "close"]


async def test_nothing_is_written_to_who_has_gone() -> None:
    below = Below()
    transport = gathering(below)

    transport.write(b"too late")
    below.is_gone = True
    await asyncio.sleep(0)

    assert below.told == []


async def test_all_else_is_the_transports_below() -> None:
    below = Below()
    below.is_gone = True

    assert cast(asyncio.Transport, gathering(below)).is_closing()
