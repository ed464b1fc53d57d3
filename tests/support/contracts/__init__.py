"""Readers of the published contracts: API documents, metrics, alert rules and dashboards."""
