"""Prometheus metrics: definitions (`metrics`), collectors, and the HTTP exposition."""
