"""Prometheus metrics: definitions, collectors, exposition."""
