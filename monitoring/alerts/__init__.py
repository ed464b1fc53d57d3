"""Forwards alerts from Alertmanager to people, while Alertmanager waits for the response.

payload  validates the request; `message` renders it; `sender` sends it
destinations  where alerts go; the app that owns a channel registers it
test_alert  an alert that is none, to see whether it arrives
"""
