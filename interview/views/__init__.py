"""The pages of interview days: boards and walls, and each person's own."""
