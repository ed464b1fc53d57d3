"""Retention of the log: whoever was away longer takes a snapshot, which is quicker by then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from realtime.models import Change, TopicHead

KEEP_FOR = timedelta(hours=24)
KEEP_CHANGES = 50_000  # per topic; a resume over more than these costs more than a snapshot


@transaction.atomic
def trim(now: datetime) -> int:
    """Forget published markers that are too old or too many; answers how many.

    `kept_from` moves in the same transaction, so a reader can tell that he asks too far back.
    """
    forgotten = 0
    published = Change.objects.exclude(position=None)
    too_old = published.filter(recorded_at__lt=now - KEEP_FOR).order_by()
    upto = {
        row["topic"]: row["last"] for row in too_old.values("topic").annotate(last=Max("position"))
    }
    for head in TopicHead.objects.filter(position__gte=F("kept_from")).order_by("topic"):
        last = max(upto.get(head.topic, 0), head.position - KEEP_CHANGES)
        if last >= head.kept_from:
            TopicHead.objects.filter(topic=head.topic).update(kept_from=last + 1)
            forgotten += published.filter(topic=head.topic, position__lte=last).delete()[0]
    return forgotten
