"""The page that shows who did what and when, for coordinators."""
