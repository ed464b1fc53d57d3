"""Background tasks that users can watch: runs, progress, recovery, heartbeats."""
