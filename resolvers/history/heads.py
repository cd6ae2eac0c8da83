"""A wallet's newest entry, and the proof that a checkpoint covers it."""

from models.rules.facts import Wallet
from models.rules.proof.checkpoints import Inclusion
from models.store.checkpoints.inclusions import HeadUpTo
from resolvers.services import Services


async def inclusion(services: Services, wallet: Wallet) -> Inclusion | None:
    """The newest proof of the wallet that is not of a later entry than its own newest one."""
    return await services.loaders.inclusions.load(HeadUpTo(wallet.account_id, wallet.sequence))
