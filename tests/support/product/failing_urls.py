"""The product's URLs, and a view that fails with a candidate's data in the error."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from jobs.models import Candidate
from project.urls import urlpatterns as pages

logger = logging.getLogger(__name__)


def value(person: Candidate) -> None:
    raise ValueError(f"{person.name} <{person.email}> cannot be read")


def caused(person: Candidate) -> None:
    try:
        {}[person.name]
    except KeyError as error:
        raise RuntimeError(f"no {person.mobile}") from error


def group(person: Candidate) -> None:
    raise ExceptionGroup(person.name, [ValueError(person.email), TypeError(person.name)])


def validation(person: Candidate) -> None:
    raise ValidationError({"name": [f"{person.name} is here already"]})


def integrity(person: Candidate) -> None:
    other = Candidate.objects.exclude(pk=person.pk).exclude(email="").first()
    with connection.cursor() as cursor:
        emails = [other and other.email, person.pk]
        cursor.execute("UPDATE jobs_candidate SET email = %s WHERE id = %s", emails)


def broken_row(person: Candidate) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_candidate SET name = NULL WHERE id = %s", [person.pk])


def unreadable(person: Candidate) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [person.name])


def suspicious(person: Candidate) -> None:
    raise SuspiciousOperation(f"a file called {person.name}.pdf")


def bad(person: Candidate) -> None:
    raise BadRequest(person.name)


def missing_file(person: Candidate) -> None:
    open(f"/nowhere/{person.name}.pdf").close()  # noqa: PTH123 it is not there


def told(person: Candidate) -> None:
    fields = {"candidate": person.name, "row": person, "rows": [person], "email": person.email}
    logger.warning("Looked at %s, %r and %s", person, [person], {"who": person}, extra=fields)
    logger.error("Call %s or write to %s", person.mobile, person.email)
    raise ValueError(person.name)


FAILURES: dict[str, Callable[[Candidate], None]] = {
    one.__name__: one
    for one in (
        *(value, caused, group, validation, integrity, broken_row, unreadable, suspicious, bad),
        *(missing_file, told),
    )
}


@csrf_exempt
def fail(request: HttpRequest, how: str) -> HttpResponse:
    with transaction.atomic():
        FAILURES[how](Candidate.objects.get(pk=request.POST["pk"]))
    return HttpResponse()


urlpatterns = [path("fail/<slug:how>/", fail, name="fail"), *pages]
