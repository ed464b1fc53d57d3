"""All tables of `realtime`. Other modules import them from here."""

from realtime.models.api_tokens import ApiToken
from realtime.models.changes import Change, NumberedDatabase, TopicHead, new_epoch
from realtime.models.idempotency import IdempotencyRecord
from realtime.models.periodic import Heartbeat, InstalledEntry, Lease, ScheduledRun
from realtime.models.sign_ins import SignIn
from realtime.models.task_runs import TaskRun, unguessable_path

__all__ = [
    "ApiToken",
    "Change",
    "Heartbeat",
    "IdempotencyRecord",
    "InstalledEntry",
    "Lease",
    "NumberedDatabase",
    "ScheduledRun",
    "SignIn",
    "TaskRun",
    "TopicHead",
    "new_epoch",  # migrations refer to these two functions by this path
    "unguessable_path",
]
