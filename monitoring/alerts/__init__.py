"""From Alertmanager to a group of people: checked, worded, and told while Alertmanager waits.

Whoever owns a way to people registers it with `sending.register`.
"""
