"""Idempotency keys: POST requests of one user with the same `Idempotency-Key` are executed once.

The response is stored in the same transaction as the effects of the request. If the process dies in
between, neither remains; a repeated request gets the stored response, or is executed.
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

from realtime.models import IdempotencyRecord
from realtime.retention import KEEP_IDEMPOTENCY_RECORDS_FOR

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
ABANDONED_AFTER = timedelta(minutes=2)  # no request takes this long, so its process has died

Handler = Callable[..., Response]


class RequestInProgress(APIException):
    """409: another request with this key is still being processed. wait: seconds to retry after."""

    status_code = 409
    default_code = "under_way"
    wait = 1

    def __init__(self) -> None:
        super().__init__(
            {HEADER: [_("A request with this key is still being processed. Try again.")]}
        )


class KeyReused(APIException):
    """422: the key was already used for a request with different content."""

    status_code = 422
    default_code = "other_request"

    def __init__(self) -> None:
        super().__init__(
            {HEADER: [_("This key was already used for another request. Send a new key.")]}
        )


class IdempotentView(APIView):
    """A view that accepts an `Idempotency-Key` on POST requests."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Handles the key after authentication, permissions and throttling.

        So unauthorised callers neither consume a key nor see its stored response.
        """
        super().initial(request, *args, **kwargs)
        key, view = request.headers.get(HEADER), cast("Any", self)
        if request.method == "POST" and key is not None and hasattr(view, "post"):
            view.post = partial(respond_once, view.post, key)


def respond_once(handler: Handler, key: str, request: Request, *args: Any, **kw: Any) -> Response:
    """Calls the handler, or returns its stored response with the header `Idempotency-Replayed`.

    A response that is an error releases the key, so that the request can be corrected and repeated.
    """
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise ValidationError({HEADER: [_("Send 1 to 255 visible ASCII characters.")]})
    claim = claim_key(user=request.user, key=key, fingerprint=fingerprint_of(request))
    if claim.status is not None:
        stored = json.loads(claim.body) if claim.body else None
        return Response(stored, claim.status, headers={REPLAYED: "true"})
    try:
        return _execute(claim, partial(handler, request, *args, **kw))
    except BaseException:
        _pending_claim(claim).delete()
        raise


def clear_stored_responses() -> None:
    """Deletes the bodies of all stored responses, which may name an anonymised person.

    The keys stay used: a repeated request gets the status without a body.
    """
    IdempotencyRecord.objects.exclude(status=None).update(body="")


def claim_key(*, user: Any, key: str, fingerprint: str) -> IdempotencyRecord:
    """Claims the key for this request. Returns the claim; one with a status is a stored response.

    Takes over a claim that is older than ABANDONED_AFTER. Raises KeyReused if the key belongs to
    different content, and RequestInProgress while another request holds the claim.
    """
    now, records = timezone.now(), IdempotencyRecord.objects.filter(user=user, key=key)
    records.filter(claimed_at__lt=now - KEEP_IDEMPOTENCY_RECORDS_FOR).delete()
    mine = IdempotencyRecord(user=user, key=key, fingerprint=fingerprint, claimed_at=now)
    IdempotencyRecord.objects.bulk_create([mine], ignore_conflicts=True)
    abandoned = records.filter(status=None, claimed_at__lt=now - ABANDONED_AFTER)
    abandoned.filter(fingerprint=fingerprint).update(claim=mine.claim, claimed_at=now)
    found = records.first()
    if found is not None and found.fingerprint != fingerprint:
        raise KeyReused
    if found is None or (found.status is None and found.claim != mine.claim):
        raise RequestInProgress
    return found


def _execute(claim: IdempotencyRecord, handler: Callable[[], Response]) -> Response:
    refusal = None
    with transaction.atomic():
        try:
            response = handler()
        except APIException as error:  # raised after the commit: a service may have cleaned up
            refusal = error
        else:
            body = JSONRenderer().render(response.data).decode()
            if not _pending_claim(claim).update(status=response.status_code, body=body):
                raise RequestInProgress  # another request has taken the claim over
    if refusal is not None:
        raise refusal
    return response


def _pending_claim(claim: IdempotencyRecord) -> Any:
    return IdempotencyRecord.objects.filter(pk=claim.pk, claim=claim.claim, status=None)


def fingerprint_of(request: Request) -> str:
    """SHA-256 over method, path and data. Forms count by field: their multipart boundaries vary."""
    data: Any = request.data
    if isinstance(data, MultiValueDict):
        data = {name: [_field_value(one) for one in values] for name, values in data.lists()}
    content = [request.method, request.get_full_path(), data]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _field_value(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    content = hashlib.file_digest(value, "sha256").hexdigest()
    value.seek(0)
    return [value.name, content]
