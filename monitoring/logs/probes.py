"""Keeps the expected refusals of probes and scrapes out of the log."""

from __future__ import annotations

import logging
from http import HTTPStatus

VIEWS = {"healthz", "readyz", "metrics", "site_metrics"}
EXPECTED = {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class ProbeFilter(logging.Filter):
    """Drops Django's line about a probe that is told "not ready", or a scrape without the token.

    These are answers, not errors of a process, and there is one every few seconds. The answer of
    /readyz says what is missing, and metrics count them. A probe that raises is still logged.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        is_of_probe = match is not None and match.view_name in VIEWS
        is_expected = getattr(record, "status_code", None) in EXPECTED and not record.exc_info
        return not (is_of_probe and is_expected)
