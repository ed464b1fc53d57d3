"""The changes log: recording that a key of a topic changed, and reading what changed since."""
