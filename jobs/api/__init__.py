"""The API of campaigns, openings, candidates and applications."""
