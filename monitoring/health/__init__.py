"""Health checks: the registry and the checks of database, Redis and migrations."""
