"""What a signed checkpoint proves of wallets: the tree over their heads, and what is signed."""
