"""Settings from environment variables, one module for each subject."""
