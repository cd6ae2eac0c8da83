"""Checkpoints: making them, their keys, their files, and their schedule."""
