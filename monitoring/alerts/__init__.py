"""Forwards alerts from Alertmanager to a chat group, while Alertmanager waits for the response.

payload  validates the request; `message` renders it; `sender` sends it
The app that owns a channel (DingTalk) registers its function with `sender.register`.
"""
