"""A peer: the ledger as the documentation of Strawberry and Tortoise teaches to write it."""
