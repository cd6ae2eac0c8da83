"""Performance of the real server: against other servers, with growth, and against a baseline."""
