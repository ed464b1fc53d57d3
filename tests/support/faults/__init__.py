"""Failures and interleavings that tests inject inside a process."""
