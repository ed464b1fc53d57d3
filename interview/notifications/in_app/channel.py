"""The in-app channel as planning sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from interview.models import Delivery, Notification
from interview.models.deliveries import address_of
from interview.notifications.channels import Channel
from interview.notifications.in_app.notices import IN_APP, save_notices
from interview.notifications.requests import Recipients


class InAppChannel(Channel):
    """Writes one notice per person in the transaction of the change. Nothing waits or fails."""

    identifier = IN_APP
    label = _("In-app notice")

    def plan(self, batch: Sequence[Recipients]) -> list[Delivery]:
        notices = {
            notice.idempotency_key: notice
            for recipients in batch
            if recipients.request.event in Notification.Event.values
            for notice in _notices(recipients)
        }
        _drop_repeated(notices)
        if notices:
            save_notices(list(notices.values()))
        return []


def _notices(recipients: Recipients) -> Iterable[Notification]:
    request = recipients.request
    interview = request.interview
    for user_id in sorted(set(recipients.people)):
        key = request.key(str(user_id), IN_APP)
        if address_of(key) in request.unless:
            continue
        yield Notification(
            idempotency_key=key,
            recipient_id=user_id,
            event=request.event,
            interview=interview,
            occasion=request.occasion,
            told_start=interview.starts_at if interview else None,
            told_expected=request.expected_at,
            told_room=interview.room.name if interview else "",
            at=request.now,
        )


def _drop_repeated(notices: dict[str, Notification]) -> None:
    """Drop notices that an earlier sweep wrote, so that they are not announced again.

    Only the clock repeats itself: notices without an occasion are not looked up.
    """
    of_the_clock = [key for key, notice in notices.items() if notice.occasion]
    if not of_the_clock:
        return
    written = Notification.objects.filter(idempotency_key__in=of_the_clock)
    for key in written.values_list("idempotency_key", flat=True):
        del notices[key]
