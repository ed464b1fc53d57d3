"""Settings of the site as people see it: mode, language, time zone, demo, data retention."""

from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.values import HttpUrl

BELOW_A_PATH = "the site cannot be served below a path; give it a host name of its own"
PUBLISHED_DEMO_PASSWORD = "recruit-demo"  # noqa: S105  # printed in the documents, so no protection


class SiteSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    debug: bool = Field(
        default=True,
        description=(
            "Development mode: detailed error pages and demo secrets. Set to no in production."
        ),
    )
    site_url: HttpUrl = Field(
        "",
        description=(
            "Address at which people open the site, used for links in messages. Empty: the first "
            "trusted origin, or this machine."
        ),
    )
    language: Literal["zh-hans", "en"] = Field(
        "zh-hans", description="Language for people who have not chosen one."
    )
    time_zone: str = Field(
        "Asia/Shanghai",
        description="Time zone for people who have not chosen one, an IANA name.",
    )
    demo_password: str = Field(
        PUBLISHED_DEMO_PASSWORD,
        min_length=8,
        description="Password of the demo accounts. With DEBUG=no, set your own.",
    )
    late_grace_minutes: int = Field(
        2,
        ge=0,
        le=60,
        description="Minutes after the planned start from which an interview counts as late.",
    )
    interviewer_missing_minutes: int = Field(
        5,
        ge=1,
        le=120,
        description=(
            "Minutes that a candidate has waited for an interviewer who could be there before the "
            "interviewer counts as missing."
        ),
    )
    retention_years: int = Field(
        2,
        ge=1,
        le=50,
        description="Years after which unsuccessful candidates are due to be anonymised.",
    )
    anonymise_automatically: bool = Field(
        default=True,
        description=(
            "Anonymise due candidates every night, as the consent promises; their coordinators are "
            "told the night before. With no, the nightly task only lists them, and the consent "
            "promises no date."
        ),
    )

    @field_validator("site_url")
    @classmethod
    def require_whole_host(cls, value: str) -> str:
        if value and urlsplit(value).path:
            raise ValueError(BELOW_A_PATH)
        return value

    @field_validator("time_zone")
    @classmethod
    def require_iana_name(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be an IANA name such as Asia/Shanghai") from None
        return value
