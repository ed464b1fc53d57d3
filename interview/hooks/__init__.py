"""Connections to other apps: audit, merge, metrics, exports, default data and periodic tasks.

`InterviewConfig.ready()` registers them.
"""
