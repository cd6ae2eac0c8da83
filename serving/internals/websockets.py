"""What is used of websockets beyond its documented names.

`Protocol.events_received` empties the list of what was received. Frames are counted before they are
handled, so that a client's flood is refused and not worked off, and so the list is looked at first.

`tests/serving/internals/test_websockets.py` fails when a release keeps it in another way.
"""

from websockets.frames import Frame
from websockets.protocol import Protocol


def frames_received(protocol: Protocol) -> list[Frame]:
    """The frames that were received and are not handled yet."""
    return [event for event in protocol.events if isinstance(event, Frame)]
