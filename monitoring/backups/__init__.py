"""When the last backup was made: its record, the metric, and the health check."""
