"""Accounts: sign-in, lockout, API tokens, account settings."""
