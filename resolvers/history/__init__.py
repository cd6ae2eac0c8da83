"""Use cases that look back on a wallet, and ahead from there: the past, statements, forecasts."""
