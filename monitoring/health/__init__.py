"""Health checks of a process."""
