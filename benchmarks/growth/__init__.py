"""How this server's figures change with size, time and load: `python -m benchmarks.growth`."""
