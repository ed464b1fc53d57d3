"""The part of the environment that says who asks, and how often he may."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from realtime.http.rate_limit_settings import Rate, limits_from

PUBLISHED_DEMO_PASSWORD = "recruit-demo"  # every document names it


class ForDefence(BaseSettings):
    """Read as part of `environment.Environment`; the description is the documentation."""

    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        [],
        description="Networks of the proxies whose word counts on where a request comes from.",
    )
    rate_limits: Annotated[dict[str, Rate | None], NoDecode] = Field(
        limits_from(""),
        description="How often somebody may ask, by scope: sign_in=10/min,export=off; or: off.",
    )

    sign_in_failures: int = Field(
        10, ge=0, description="Wrong passwords that lock a name out, from one address; 0: never."
    )
    sign_in_lock_minutes: float = Field(
        15.0, gt=0, description="For how long; failures that are further apart are forgotten."
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def are_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        networks = [ip_network(part.strip()) for part in value.split(",") if part.strip()]
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("must leave somebody out: everyone's word would count")
        return networks

    @field_validator("rate_limits", mode="before")
    @classmethod
    def are_limits(cls, value: object) -> object:
        return limits_from(value) if isinstance(value, str) else value
