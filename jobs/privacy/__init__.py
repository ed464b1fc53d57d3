"""Anonymises unsuccessful candidates after the retention period, or on request."""
