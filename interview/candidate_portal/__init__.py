"""The candidate's private page: application status, interview times, confirm, cancel, withdraw."""
