"""Notifications, in the order they move: request, planning, outbox, sender, history.

Channels (in-app, e-mail, DingTalk) are packages behind the interface in `channels`; reminders are
requests that the clock makes.
"""
