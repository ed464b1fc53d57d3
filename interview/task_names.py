"""Names of this app's Celery tasks, for their definition, the schedule and callers.

A name is stored in the database (schedule, runs) and in queued messages. Changing a value breaks
both, even when the function moves to another module.
"""

APPLY_BULK_PLAN = "interview.bulk.tasks.apply_bulk_plan"
MOVE_APPLICATIONS = "interview.bulk.tasks.move_applications"
REMIND_INTERVIEWERS = "interview.bulk.tasks.remind_interviewers"
TAKE_BULK_PLAN_BACK = "interview.bulk.tasks.take_bulk_plan_back"

ASK_FOR_FEEDBACK = "interview.tasks.ask_for_feedback"
DELIVER = "interview.tasks.deliver"
EXPIRE_MAIL_FILES = "interview.tasks.expire_mail_files"
REMIND = "interview.tasks.remind"
SEND_DIGESTS = "interview.tasks.send_digests"
SEND_TO_ROBOT = "interview.tasks.send_to_robot"
SEND_TO_ROBOTS = "interview.tasks.send_to_robots"
SWEEP_CLOCK = "interview.tasks.sweep_clock"
SWEEP_DELIVERIES = "interview.tasks.sweep_deliveries"
WARN_OF_TOKENS = "interview.tasks.warn_of_tokens"
