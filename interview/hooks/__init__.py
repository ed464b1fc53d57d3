"""What `InterviewConfig.ready()` connects to the other apps: audit, merge, metrics, exports,
defaults, periodic tasks.
"""
