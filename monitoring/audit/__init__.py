"""Who did what, and when: one row for each write that matters. It names rows by their ids, and
fields by their names; it never holds a value.

from monitoring import audit
audit.record(action=audit.Action.EXPORT, label="jobs.candidate", count=1200)
"""

from monitoring.audit.access import allow_readers as allow_readers
from monitoring.audit.models import Action as Action
from monitoring.audit.record import record as record
from monitoring.audit.tracking import track as track
