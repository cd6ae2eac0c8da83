"""Reads of a wallet's past: what its entries add up to, and where its lots went."""
