"""What was received over a WebSocket can be counted before it is handled."""

from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from serving.internals.websockets import frames_received


def test_frames_can_be_seen_before_they_are_taken() -> None:
    protocol = Protocol(SERVER, state=OPEN)
    frames = Frame(Opcode.TEXT, b"hello"), Frame(Opcode.PING, b"")

    for frame in frames:
        protocol.receive_data(frame.serialize(mask=True))

    assert frames_received(protocol) == list(frames)
    assert protocol.events_received() == list(frames)
    assert frames_received(protocol) == []
