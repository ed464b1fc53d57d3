"""Checks of uploaded files that résumés and imports share."""
