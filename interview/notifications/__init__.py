"""Notices on their way out, in the order they go: planned with the change, queued, sent on a
channel, and their outcome remembered.
"""
