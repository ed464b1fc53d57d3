"""The rules of interview days: permissions, flags, delays, conflicts, pending scorecards."""
