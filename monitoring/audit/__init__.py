"""The audit log: who did what and when, one row per relevant write.

It contains ids of records and names of fields, never values.

from monitoring import audit
audit.record(action=audit.Action.EXPORT, label="jobs.candidate", count=1200)
"""

from monitoring.audit.access import allow_readers as allow_readers
from monitoring.audit.models import Action as Action
from monitoring.audit.record import record as record
from monitoring.audit.record import record_once_a_day as record_once_a_day
from monitoring.audit.tracking import track as track
