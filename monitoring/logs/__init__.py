"""Logging: configuration, formats, and the removal of personal data from every line.

context        ids of the current request, user, task and socket
privacy        safe representations of objects and exceptions
scrubbing      removes personal data that can be recognised by its shape
formats        formatters: console, plain files, JSON
configuration  handlers and levels
slow_log       lines about slow requests, queries and tasks
"""
