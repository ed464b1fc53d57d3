"""The changes log: what changed under which topic, and how it is read, tracked and trimmed."""
