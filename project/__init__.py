"""Wiring: settings, addresses, processes. Knows every app; no app knows it."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
