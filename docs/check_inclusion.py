"""Checks that a signed checkpoint covers a wallet: python check_inclusion.py KEY < answer.json

KEY is the public key, 64 digits. The answer is what the server gave for a query that selects
    wallet { id head { sequence hash
        checkpoint { at size root previous signature sequence hash proof } } }
Needs nothing of the server, and only the package `cryptography`. docs/proof.md says what it proves.
"""

import base64
import json
import sys
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def find_wallet(value):
    """Returns the first object with a head, however deep it stands in the answer."""
    if isinstance(value, dict) and "head" in value:
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for part in parts if (found := find_wallet(part))), None)


def check(wallet, key):
    """Returns the checkpoint. Raises ValueError if it does not cover the wallet."""
    head, checkpoint = wallet["head"], wallet["head"]["checkpoint"]
    if checkpoint is None:
        raise ValueError("No checkpoint covers the wallet yet.")
    signed = [checkpoint[name] for name in ("at", "size", "root", "previous")]
    statement = "".join(f"{line}\n" for line in ("connects checkpoint 1", *signed))
    try:
        signature = bytes.fromhex(checkpoint["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, statement.encode())
    except InvalidSignature:
        raise ValueError("The checkpoint is not signed with this key, or was changed.") from None
    kind, account = base64.urlsafe_b64decode(wallet["id"] + "==").decode().split(":")
    leaf = f"connects head 1\n{account}\n{checkpoint['sequence']}\n{checkpoint['hash']}\n"
    reached = sha256(b"\x00" + leaf.encode()).digest()
    for side, step in (written.split(":") for written in checkpoint["proof"]):
        pair = bytes.fromhex(step) + reached if side == "L" else reached + bytes.fromhex(step)
        reached = sha256(b"\x01" + pair).digest()
    if kind != "Wallet" or reached.hex() != checkpoint["root"]:
        raise ValueError("The proof does not lead from the wallet to the checkpoint's root.")
    newer = head["sequence"] - checkpoint["sequence"]
    if newer < 0 or (newer == 0 and head["hash"] != checkpoint["hash"]):
        raise ValueError("The wallet's head is not what the checkpoint covers, nor does it follow.")
    return checkpoint


if __name__ == "__main__":
    try:
        covered = check(find_wallet(json.load(sys.stdin)), sys.argv[1])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        sys.exit(f"Not proved: {error}")
    print(f"Proved: entry {covered['sequence']} was the wallet's newest one on {covered['at']}.")
