"""Live lists of interview days: topics, row formats, signal adapters, the time sweep."""
