"""Checks that signed checkpoints cover wallets: python check_inclusion.py KEY < answer.json

KEY is the public key, 64 digits. See docs/proof.md. The answer is that of a query that selects
wallet { id head { sequence hash checkpoint {at size root previous signature sequence hash proof}}}
"""

import base64
import json
import sys
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def find_wallets(value):
    """Returns the objects with a head, however deep they stand in the answer."""
    if isinstance(value, dict) and "head" in value:
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for part in parts for found in find_wallets(part)]


def check(wallet, key):
    """Returns what is proved. Raises ValueError if it does not cover the wallet."""
    head, checkpoint = wallet["head"], wallet["head"]["checkpoint"]
    if checkpoint is None:
        raise ValueError("No checkpoint covers the wallet yet.")
    statement = "connects checkpoint 1\n{at}\n{size}\n{root}\n{previous}\n".format(**checkpoint)
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
    number, at = checkpoint["sequence"], checkpoint["at"]
    return f"Proved: entry {number} was the newest one of wallet {wallet['id']} on {at}."


if __name__ == "__main__":
    name, proved = "the answer", []
    try:
        for wallet in find_wallets(json.load(sys.stdin)):
            name = f"wallet {wallet['id']}"
            proved.append(check(wallet, sys.argv[1]))
        if not proved:
            raise ValueError("It has no wallet with a head.")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        sys.exit(f"Not proved: {name}: {error}")
    print("\n".join(proved))
