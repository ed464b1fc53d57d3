"""Requests that may be sent again: under one `Idempotency-Key` a POST is carried out once.

The answer is kept in the transaction of the work itself, so a process that dies in between leaves
neither, and whoever asks again is either answered as before or starts afresh.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.models import KeptAnswer
from realtime.retention import KEEP_ANSWERS_FOR

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
ABANDONED_AFTER = timedelta(minutes=2)  # no request takes that long; its process has died

Handler = Callable[..., Response]


class RequestInProgress(APIException):
    """The first request with this key has not been answered yet."""

    status_code = 409
    default_code = "under_way"
    wait = 1  # second

    def __init__(self) -> None:
        super().__init__({HEADER: [_("The request with this key is still being worked on.")]})


class KeyReused(APIException):
    """One key, two requests."""

    status_code = 422
    default_code = "other_request"

    def __init__(self) -> None:
        super().__init__({HEADER: [_("This key was used for another request.")]})


class IdempotentView(APIView):
    """A view whose POSTs may carry a key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may not ask at all neither spends a key nor learns what it holds."""
        super().initial(request, *args, **kwargs)
        key, view = request.headers.get(HEADER), cast("Any", self)
        if request.method == "POST" and key is not None and hasattr(view, "post"):
            view.post = partial(respond_once, view.post, key)


def respond_once(handler: Handler, key: str, request: Request, *args: Any, **kw: Any) -> Response:
    """The handler's answer, or the one that it gave before. What it refuses changes nothing, so a
    refusal leaves the key free.
    """
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise ValidationError({HEADER: [_("Send 1 to 255 visible ASCII characters.")]})
    claim = claim_key(user=request.user, key=key, fingerprint=fingerprint_of(request))
    if claim.status is not None:
        told = json.loads(claim.body) if claim.body else None
        return Response(told, claim.status, headers={REPLAYED: "true"})
    try:
        return _execute(claim, partial(handler, request, *args, **kw))
    except BaseException:
        _pending_claim(claim).delete()
        raise


def clear_stored_responses() -> None:
    """Answers may name somebody who is to be nobody: that they were given is all that stays."""
    KeptAnswer.objects.exclude(status=None).update(body="")


def claim_key(*, user: Any, key: str, fingerprint: str) -> KeptAnswer:
    """The right to answer, which one request has at a time; or, with a status, the answer.

    Raises KeyReused, and RequestInProgress while another request has that right.
    """
    now, named = timezone.now(), KeptAnswer.objects.filter(user=user, key=key)
    named.filter(claimed_at__lt=now - KEEP_ANSWERS_FOR).delete()
    mine = KeptAnswer(user=user, key=key, fingerprint=fingerprint, claimed_at=now)
    KeptAnswer.objects.bulk_create([mine], ignore_conflicts=True)
    given_up = named.filter(status=None, claimed_at__lt=now - ABANDONED_AFTER)
    given_up.filter(fingerprint=fingerprint).update(claim=mine.claim, claimed_at=now)
    found = named.first()
    if found is not None and found.fingerprint != fingerprint:
        raise KeyReused
    if found is None or (found.status is None and found.claim != mine.claim):
        raise RequestInProgress
    return found


def _execute(claim: KeptAnswer, handler: Callable[[], Response]) -> Response:
    refusal = None
    with transaction.atomic():
        try:
            answer = handler()
        except APIException as error:  # committed, as without a key: a service may have tidied up
            refusal = error
        else:
            body = JSONRenderer().render(answer.data).decode()
            if not _pending_claim(claim).update(status=answer.status_code, body=body):
                raise RequestInProgress  # it took so long that another request has taken over
    if refusal is not None:
        raise refusal
    return answer


def _pending_claim(claim: KeptAnswer) -> Any:
    return KeptAnswer.objects.filter(pk=claim.pk, claim=claim.claim, status=None)


def fingerprint_of(request: Request) -> str:
    """Of what is asked; forms are compared by their fields, as each sending has its own bounds."""
    asked: Any = request.data
    if isinstance(asked, MultiValueDict):
        asked = {name: [_field_value(one) for one in values] for name, values in asked.lists()}
    whole = [request.method, request.get_full_path(), asked]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _field_value(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    content = hashlib.file_digest(value, "sha256").hexdigest()
    value.seek(0)
    return [value.name, content]
