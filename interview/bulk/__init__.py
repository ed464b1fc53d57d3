"""Bulk scheduling: plan interviews for many applications at once.

A plan starts as a proposal (`proposals`), is stored and adjusted by coordinators (`plans`),
checked for conflicts each time it is shown (`validation`), and turned into interviews by a Celery
worker (`start`, `tasks`, `execute`). `views` and `action_views` are its pages.
"""
