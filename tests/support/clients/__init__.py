"""Clients of the product: API callers, WebSocket clients, and models of what a page shows."""
