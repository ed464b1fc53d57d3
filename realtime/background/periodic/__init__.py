"""Periodic work, in the order it happens: `entries` the code declares, `sync` that writes them into
the table people edit, the `scheduler` of beat that sends what is due under a `lease`, and `runs`,
the record that makes a tick sent twice one piece of work.
"""
