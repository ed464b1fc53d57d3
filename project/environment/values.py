"""Value types and checks that the settings of several subjects share."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode


def split_on_commas(value: object) -> object:
    """Split a text on commas, without surrounding blanks and empty parts: "a, b," is [a, b]."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _require_http_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an address such as https://recruit.example.com")
    return value.rstrip("/")


CommaList = Annotated[list[str], NoDecode, BeforeValidator(split_on_commas)]
HttpUrl = Annotated[str, AfterValidator(_require_http_url)]
"""An http:// or https:// address, kept without its trailing slash; empty if not set."""
