"""Two entries of one person become one: compared side by side, then carried out as it was shown."""
