"""Live lists of interview days: topics, rows, signal receivers and the clock sweep."""
