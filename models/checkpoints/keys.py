"""Ed25519 keys (RFC 8032) for checkpoints. A key is written in hexadecimal, 64 digits."""

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_DIGITS: Final = re.compile("[0-9a-f]{64}")


def parse_32_bytes(text: str) -> bytes:
    """Returns the bytes of a private or public key, or of a hash. Raises ValueError otherwise."""
    if not _DIGITS.fullmatch(text):
        raise ValueError("must be 64 digits in lower-case hexadecimal")
    return bytes.fromhex(text)


class CheckpointKey:
    """A private key, made of its 32 secret bytes."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public: Final = self._key.public_key().public_bytes_raw()

    def sign(self, statement: bytes) -> bytes:
        return self._key.sign(statement)


def is_signed(statement: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether `signature` is that of `statement` with the private key of `public_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
