"""Business rules of interview days. Rules read models; they change nothing.

Services, notifications, live lists and pages call them.
"""
