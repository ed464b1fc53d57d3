"""Reminds the interviewers of many interviews, each at most once per version of an interview.

`recipients_of` computes who would be reminded, for the confirmation page; `notify_interviewers`
does it, in the task of `tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import ngettext

from interview.models import Interview, Notification
from interview.models.states import WAITING
from interview.notifications.planning import notify
from interview.services.interview_day import interviewer_ids

REMINDER = Notification.Event.REMINDER


@dataclass(slots=True)
class Recipients:
    """The interviewers to remind, and how many are left out for each reason.

    by_interview         user ids to remind, by interview
    already_notified     reminders already sent for the same version of an interview
    without_interviewer  interviews that nobody takes part in
    already_begun        interviews that have begun or are over
    """

    by_interview: dict[Interview, list[int]] = field(default_factory=dict)
    already_notified: int = 0
    without_interviewer: int = 0
    already_begun: int = 0

    @property
    def notice_count(self) -> int:
        return sum(map(len, self.by_interview.values()))

    @property
    def people(self) -> set[int]:
        return {person for people in self.by_interview.values() for person in people}

    def add(self, other: Recipients) -> None:
        self.by_interview |= other.by_interview
        self.already_notified += other.already_notified
        self.without_interviewer += other.without_interviewer
        self.already_begun += other.already_begun

    def remarks(self) -> list[str]:
        """Returns one sentence for each reason why somebody is not reminded."""
        already_notified = ngettext(
            "%d interviewer has already been notified.",
            "%d interviewers have already been notified.",
            self.already_notified,
        )
        without_interviewer = ngettext(
            "%d interview has no interviewer to notify.",
            "%d interviews have no interviewer to notify.",
            self.without_interviewer,
        )
        already_begun = ngettext(
            "%d interview has begun or is over: no notice is sent.",
            "%d interviews have begun or are over: no notices are sent.",
            self.already_begun,
        )
        remarks = (
            (self.already_notified, already_notified),
            (self.without_interviewer, without_interviewer),
            (self.already_begun, already_begun),
        )
        return [text % number for number, text in remarks if number]


def recipients_of(interviews: Iterable[Interview]) -> Recipients:
    """Returns who can be reminded of these interviews.

    Only of interviews that have not begun, only people who take part, and only if they have not
    been reminded of the interview's current version. Takes one query, and one more if the
    assignments are not prefetched.
    """
    recipients, every = Recipients(), list(interviews)
    waiting = [interview for interview in every if interview.status in WAITING]
    recipients.already_begun = len(every) - len(waiting)
    notified = _already_notified(waiting)
    for interview in waiting:
        people = interviewer_ids(interview)
        new = [one for one in people if (interview.pk, interview.version, one) not in notified]
        recipients.already_notified += len(people) - len(new)
        recipients.without_interviewer += not people
        if new:
            recipients.by_interview[interview] = new
    return recipients


def _already_notified(interviews: Sequence[Interview]) -> set[tuple[int, int, int]]:
    """Returns (interview, version, user) of past reminders, read from their idempotency keys."""
    reminders = Notification.objects.filter(event=REMINDER, interview__in=interviews)
    keys = reminders.values_list("idempotency_key", "interview", "recipient")
    versions = {interview.pk: interview.version for interview in interviews}
    return {
        (interview, versions[interview], recipient)
        for key, interview, recipient in keys
        if key.startswith(f"{REMINDER}:{interview}:{versions[interview]}:")
    }


@transaction.atomic
def notify_interviewers(interviews: Iterable[Interview]) -> Recipients:
    """Sends the reminders. Running it again sends nothing new."""
    recipients = recipients_of(interviews)
    for interview, people in recipients.by_interview.items():
        notify(REMINDER, interview, people)
    return recipients


def summarise(recipients: Recipients) -> str:
    """Returns what was sent and what was not, in one line, as the result of the task."""
    sent = ngettext("%d notice was sent.", "%d notices were sent.", recipients.notice_count)
    return " ".join([sent % recipients.notice_count, *recipients.remarks()])
