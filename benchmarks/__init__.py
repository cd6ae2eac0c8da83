"""How fast the real server is: beside others, as it grows, and against itself."""
