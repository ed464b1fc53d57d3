"""After an erasure, no table, file, cache, log or e-mail holds a word about the person.

One word is typed wherever the product takes a text about a candidate. The erasure must find it
everywhere: in what the services store, and in what the pages, tasks and channels leave behind.
"""

from __future__ import annotations

import base64
import shutil
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from interview import services
from interview.models import BulkLine, BulkPlan, Delivery, Interview
from interview.notifications import sender
from interview.services.transitions import Actor
from jobs.applications.links import link_of
from jobs.exports.queue import export_start
from jobs.imports.queue import import_run_receive, import_run_start
from jobs.models import Application, Campaign, Candidate, Job, LearnedColumn
from jobs.privacy.anonymisation import candidates_anonymise
from jobs.privacy.erasure_requests import erasure_request_create, erasure_request_decline
from realtime.models import TaskRun
from tests.factories import make_interview, make_job, make_round, make_scorecard
from tests.people import signed_in
from tests.support.applicants import confirm_all
from tests.support.files.documents import PDF
from tests.support.product.log_lines import CapturedLog, logging_to
from tests.support.product.relay import publish_all
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "zyzzogeton"
TEXT = f"said that {WORD.capitalize()} is ill"
FORM = {
    "name": "Zyzzogeton Li",
    "mobile": "13800138000",
    "email": f"{WORD}@example.com",
    "city": TEXT,
    "consent": "on",
}
# Tables that the word must have reached before the erasure; otherwise this test proves nothing.
REACHED = {
    *(
        "jobs_candidate",
        "jobs_submission",
        "jobs_applicationevent",
        "jobs_importrun",
        "jobs_learnedcolumn",
    ),
    *("jobs_pendingapplication", "jobs_erasurerequest"),
    *("interview_interview", "interview_interviewassignment", "interview_interviewevent"),
    *("interview_scorecard", "interview_scorecardamendment", "interview_bulkline"),
    *("interview_delivery", "realtime_taskrun", "realtime_keptanswer", "django_admin_log"),
}


@pytest.fixture
def places(settings: Settings, tmp_path: Path) -> dict[str, Path]:
    """The directories in which the product stores files during this test."""
    places = {"media": tmp_path / "media", "mail": tmp_path / "mail"}
    places["private"] = Path(storages["private"].path(""))
    shutil.rmtree(places["private"], ignore_errors=True)
    settings.MEDIA_ROOT = places["media"]
    settings.EMAIL_FILE_PATH = places["mail"]
    settings.EMAIL_BACKEND = "interview.notifications.email.mail_files.Backend"
    return places


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CapturedLog]:
    with logging_to(tmp_path / "logs", "json", level="DEBUG") as log:
        yield log


def test_an_erased_word_is_nowhere(
    places: dict[str, Path], log: CapturedLog, campaign: Campaign, lin: User, wu: User, admin: User
) -> None:
    client = signed_in(Client(headers={"accept-language": "en"}), admin)
    job = make_job(campaign=campaign, is_published=True)
    created_by_the_api(client)
    candidate = the_applicant(job)
    interview = the_interview(candidate, campaign, lin, wu)
    typed_in_the_admin_and_the_api(client, candidate, interview)
    known_from_a_file(campaign, admin, candidate)
    export = exported(admin)
    while sender.deliver("email"):
        pass
    asked_for_erasure_and_declined(candidate, lin)
    stored_by_earlier_versions(candidate)
    looked_at(client, campaign, search=WORD)
    found = tables_with_the_word()
    assert found >= REACHED, f"not reached: {REACHED - found}"
    assert files_with_the_word(places) == {"media", "private", "mail"}, "the premise"
    assert WORD.encode() in b"".join(client.get(export.result_url))

    candidates_anonymise(candidates=[candidate.pk], by=lin)
    publish_all()

    assert tables_with_the_word() == set()
    assert files_with_the_word(places) == set()
    assert keys_with_the_word() == []
    assert [name for name, text in log.texts().items() if WORD in text.lower()] == []
    export.refresh_from_db()
    assert client.get(reverse("task_result", args=[export.pk])).status_code == 404
    assert "The file was deleted because the data of a person in it were erased." in export.message
    assert WORD not in looked_at(client, campaign).lower()


def created_by_the_api(client: Client) -> None:
    """The stored response of an idempotent request names the person."""
    fields = {name: FORM[name] for name in ("name", "mobile", "email", "city")}
    answer = client.post(
        "/api/v1/candidates/",
        fields,
        content_type="application/json",
        headers={"idempotency-key": "one"},
    )
    assert answer.status_code == 201, answer.content


def the_applicant(job: Job) -> Candidate:
    resume = SimpleUploadedFile(f"{WORD}.pdf", PDF + WORD.encode())
    answer = Client().post(reverse("apply", args=[job.pk]), FORM | {"resume": resume})
    assert answer.status_code == 302, answer.content.decode()
    confirm_all()
    candidate = Candidate.objects.get()
    Client().post(reverse("apply", args=[job.pk]), FORM | {"email": FORM["email"].upper()})
    link = link_of(candidate.applications.get())
    assert link is not None
    signed = Client().post(
        reverse("my_application", args=[link.token]),
        {"do": "withdraw", "reason": TEXT},
    )
    assert signed.status_code == 302
    return candidate


def the_interview(candidate: Candidate, campaign: Campaign, lin: User, wu: User) -> Interview:
    """Has been moved, declined, amended and cancelled, each time with a reason."""
    application = candidate.applications.get()
    interview = make_interview(application=application, interviewers=[wu])
    lins, wus = Actor(user=lin, source="test"), Actor(user=wu, source="test")

    def named() -> dict[str, Any]:
        interview.refresh_from_db()
        return {"interview_id": interview.pk, "version": interview.version}

    services.interview_reschedule(
        **named(), starts_at=interview.starts_at, ends_at=interview.ends_at.replace(second=1),
        reason=TEXT, actor=lins,
    )  # fmt: skip
    services.interview_decline(**named(), reason=TEXT, actor=wus)
    services.interview_accept(**named(), actor=wus)
    services.interview_decline(**named(), reason=TEXT, actor=wus)
    services.interview_cancel(**named(), reason=TEXT, side="candidate", actor=lins)
    services.interview_undo(**named(), actor=lins)
    services.interview_cancel(**named(), reason=TEXT, side="candidate", actor=lins)
    past = make_interview(application=application, interviewers=[wu], status="feedback_due")
    make_scorecard(interview=past, interviewer=wu, strengths=TEXT, concerns=TEXT)
    services.scorecard_amend(
        interview_id=past.pk, interviewer=wu, reason=TEXT, strengths=f"{TEXT} again"
    )
    plan = BulkPlan.objects.create(
        campaign=campaign, round=make_round(), owner=lin, rooms=[], interviewers=[], days=[],
        opens_at="09:00", closes_at="18:00", slot_minutes=30, buffer_minutes=0, daily_limit=4,
    )  # fmt: skip
    BulkLine.objects.create(
        plan=plan, application=application, position=0, override_reason=TEXT, refusal=TEXT
    )
    return interview


def typed_in_the_admin_and_the_api(
    client: Client, candidate: Candidate, interview: Interview
) -> None:
    page = reverse("admin:jobs_candidate_change", args=[candidate.pk])
    fields = {"name": candidate.name, "mobile": "13800138000", "email": candidate.email}
    assert client.post(page, fields | {"school": TEXT}).status_code == 302
    application = Application.objects.get(candidate=candidate)
    answer = client.post(
        f"/api/v1/applications/{application.pk}/move/",
        {"stage": "screening", "version": application.version, "reason": TEXT},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content


def known_from_a_file(campaign: Campaign, admin: User, candidate: Candidate) -> None:
    """The import adds the known person to the campaign, and keeps a rejected row about them."""
    candidate.campaigns.clear()
    rows = [
        "name,mobile,school,written score",
        f"Zyzzogeton Li,13800138000,{WORD},80",
        f"Zyzzogeton Li,13800138000,{WORD},eighty",
    ]
    run = import_run_receive(
        content="\n".join(rows).encode(), file_name=f"{WORD} Li.csv", campaign=campaign, owner=admin
    )
    LearnedColumn.objects.create(campaign=campaign, heading=f"{WORD}li", field="city")
    assert deliver(import_run_start(run=run, rows="valid", by=admin)).state == "succeeded"


def exported(admin: User) -> TaskRun:
    run = export_start(what="candidates", file_format="csv", filters={"q": WORD}, by=admin)
    waiting = export_start(what="candidates", file_format="csv", filters={"q": WORD}, by=admin)
    assert WORD in str(waiting.arguments), "the premise"
    deliver(waiting)
    return deliver(run)


def asked_for_erasure_and_declined(candidate: Candidate, lin: User) -> None:
    request = erasure_request_create(application=candidate.applications.get())
    erasure_request_decline(request=request, answer=TEXT, by=lin)


def stored_by_earlier_versions(candidate: Candidate) -> None:
    """The answer of a mail server about the address, and a name in the admin's own log."""
    entries = LogEntry.objects.filter(object_id=str(candidate.pk))
    assert entries.update(object_repr=candidate.name), "the premise"
    message = Delivery.objects.filter(candidate=candidate).first()
    assert message is not None
    Delivery.objects.filter(pk=message.pk).update(answer=f"550 no mailbox for {WORD}")


def looked_at(client: Client, campaign: Campaign, search: str = "") -> str:
    """The pages that show people and cache what they show."""
    addresses = [
        reverse("candidates") + f"?q={search}",
        reverse("applications"),
        reverse("analytics"),
        reverse("board", args=[campaign.slug]),
        reverse("audit"),
        reverse("tasks"),
        reverse("imports"),
        reverse("admin:index"),
        "/api/v1/interviews/",
    ]
    pages = []
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        pages.append(answer.content.decode())
    return "\n".join(pages)


def tables_with_the_word() -> set[str]:
    """Sessions are searched decoded, everything else as PostgreSQL writes a row as text."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = [str(row) for (row,) in cursor.fetchall()]
            if any(WORD in text.lower() for row in rows for text in (row, *_session(row))):
                found.add(table)
    return found


def _session(row: str) -> Iterator[str]:
    """The content of a signed session, as `django.core.signing.dumps` compresses it."""
    for part in row.split(","):
        if part.startswith(".") and ":" in part:
            data = part[1:].split(":")[0]
            yield zlib.decompress(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))).decode()


def files_with_the_word(places: dict[str, Path]) -> set[str]:
    return {
        name
        for name, place in places.items()
        for path in place.rglob("*")
        if path.is_file() and WORD in f"{path.name} {readable(path)}".lower()
    }


def readable(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix != ".eml":
        return content.decode(errors="replace")
    message = message_from_bytes(content, policy=policy.default)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return " ".join([*message.values(), *texts])


def keys_with_the_word() -> list[str]:
    from django.conf import settings

    readers = {
        "string": lambda server, key: server.get(key),
        "hash": lambda server, key: server.hgetall(key),
        "list": lambda server, key: server.lrange(key, 0, -1),
        "set": lambda server, key: server.smembers(key),
        "zset": lambda server, key: server.zrange(key, 0, -1),
        "stream": lambda server, key: server.xrange(key),
    }
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        contents = {
            key: readers[server.type(key).decode()](server, key) for key in server.scan_iter()
        }
    assert contents, "an empty server proves nothing"
    return [str(key) for key, value in contents.items() if WORD in f"{key} {value}".lower()]
