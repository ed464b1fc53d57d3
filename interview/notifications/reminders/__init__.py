"""Reminders, alarms and digests: notifications that the clock causes.

`due` and `working_days` are rules without a database. Each of the other modules reads the current
state and notifies people once.
"""
