"""The candidate's own page: application status, interview times, answers."""
