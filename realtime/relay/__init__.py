"""The relay's work: numbering pending changes, and finding out which topics anyone watches.

`realtime.relay_process` runs it.
"""
