"""The database engine: Django's PostgreSQL backend with a pool that notices a lost server.

`pool` decides when a server is lost; `outage` turns that into a 503 page.
"""
