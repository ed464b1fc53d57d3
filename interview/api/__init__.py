"""REST API of interview days: interviews, rooms, scorecards, notices and bulk plans."""
