"""Checkpoints as they are stored, and the proof of one wallet."""
