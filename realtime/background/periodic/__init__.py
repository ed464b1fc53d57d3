"""Periodic tasks, in the order data flows.

entries    what the code declares
sync       writes the entries into the table that people edit in the admin
scheduler  beat's scheduler: sends due entries while this process holds the lease `beat`
runs       executes a due entry once, however often it is sent
"""
