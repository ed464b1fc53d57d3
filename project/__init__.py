"""Wires the apps together: settings, URLs, processes. No app imports from here."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
