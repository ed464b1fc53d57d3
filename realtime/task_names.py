"""Names of this app's Celery tasks, for their definition, the schedule and callers.

A name is stored in the database (schedule, runs) and in queued messages. Changing a value breaks
both, even when the function moves to another module.
"""

EXPIRE_RESULTS = "realtime.tasks.expire_results"
HEARTBEAT = "realtime.tasks.heartbeat"
SWEEP_RUNS = "realtime.tasks.sweep_runs"
TRIM_CHANGES = "realtime.tasks.trim_changes"
TRIM_RUNS = "realtime.tasks.trim_runs"
