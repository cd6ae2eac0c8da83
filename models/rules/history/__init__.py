"""Rules for looking back at a wallet's entries."""
