"""Candidates from files: bytes → text → rows → people → plan → one transaction.

Everything up to the plan is pure; `known` asks the database, `writer` and `runs` write.
"""
