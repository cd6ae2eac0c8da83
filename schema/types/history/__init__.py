"""Types that look back on a wallet, and ahead from there."""
