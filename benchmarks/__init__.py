"""How many spends and reads a second the real server answers: `python -m benchmarks`."""
