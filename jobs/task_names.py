"""Names of this app's Celery tasks, for their definition, the schedule and callers.

A name is stored in the database (schedule, runs) and in queued messages. Changing a value breaks
both, even when the function moves to another module.
"""

APPLY_IMPORT = "jobs.tasks.apply_import"
CHECK_IMPORT = "jobs.tasks.check_import"
EXPIRE_UPLOADS = "jobs.tasks.expire_uploads"
EXPORT = "jobs.tasks.export"
LIST_ANONYMISATION = "jobs.tasks.list_anonymisation"
