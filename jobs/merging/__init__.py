"""Merges two records of one candidate: compare them side by side, then carry out what was shown."""
