"""Imports candidates from files: bytes → text → rows → values → plan → one transaction.

`readers`, `columns`, `cells` and `plan` are pure. `existing_candidates` queries the database;
`writer` and `runs` write to it.
"""
