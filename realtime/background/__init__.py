"""Background tasks whose runs users can follow: definition, execution, progress, recovery.

tracked_tasks   the decorator for such a task, and `start`, which queues a run of it
execution       runs a task in a worker; `task_context` is what the task function receives
task_runs       the only writer of a run's state
dispatch        sends messages to the broker; `recovery` sends again what was lost
progress        progress updates through Redis
heartbeats      which relay, beat and worker processes are alive
periodic        the schedule: entries, scheduler, runs
"""
