"""Undocumented parts of websockets in use.

`Protocol.events_received` clears the list of received frames. Frames are counted before they are
handled, so that a flood is refused instead of processed; therefore the list is read first.

`tests/serving/internals/test_websockets.py` fails if a release stores it differently.
"""

from websockets.frames import Frame
from websockets.protocol import Protocol


def frames_received(protocol: Protocol) -> list[Frame]:
    """Returns the frames that were received and not yet handled."""
    return [event for event in protocol.events if isinstance(event, Frame)]
