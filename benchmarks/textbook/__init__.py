"""A contestant: the ledger written as in the documentation of Strawberry and Tortoise."""
