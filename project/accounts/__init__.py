"""Accounts: sign-in, lockout, account settings and API tokens."""
