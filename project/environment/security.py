"""Security settings: hosts, origins, TLS, proxies, rate limits and the sign-in lockout."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from project.environment.values import CommaList
from realtime.http.rate_limit_settings import limits_from
from realtime.rate_limiter import Rate

INSECURE_SECRET_KEY = "insecure-demo-key-replace-me-before-anyone-else-can-reach-this"  # noqa: S105


class SecuritySettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    secret_key: str = Field(
        INSECURE_SECRET_KEY,
        description=(
            "Signs sessions and tokens. With DEBUG=no, set your own of at least 32 characters."
        ),
    )
    secret_key_fallbacks: CommaList = Field(
        [],
        description=(
            "Earlier values of SECRET_KEY, newest first, separated by commas. Sessions and private "
            "links that they signed stay valid."
        ),
    )
    allowed_hosts: CommaList = Field(
        ["localhost", "127.0.0.1", "[::1]"],
        description="Host names the site answers to, separated by commas.",
    )
    trusted_origins: CommaList = Field(
        [],
        description=(
            "Exact origins (scheme://host:port) whose pages may submit forms and open WebSockets, "
            "separated by commas. Required with DEBUG=no."
        ),
    )
    tls_proxy: bool = Field(
        default=False,
        description=(
            "Set to yes if a proxy terminates TLS and always overwrites X-Forwarded-Proto. The "
            "header is then trusted, and plain HTTP requests are redirected to HTTPS."
        ),
    )
    hsts_seconds: int = Field(
        31_536_000,
        ge=0,
        description=(
            "max-age of Strict-Transport-Security, in seconds: how long browsers use only HTTPS "
            "for this site. Sent only with DEBUG=no."
        ),
    )
    hsts_scope: Literal["host", "subdomains", "preload"] = Field(
        "host",
        description=(
            "Names that HSTS covers: this host, its subdomains too, or subdomains and the "
            "browsers' preload lists."
        ),
    )
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        [],
        description=(
            "Networks of your reverse proxies, such as 10.0.3.0/24, separated by commas. "
            "X-Forwarded-For is trusted only from these."
        ),
    )
    rate_limits: Annotated[dict[str, Rate | None], NoDecode] = Field(
        limits_from(""),
        description=(
            "Changes to the rate limits per client, such as sign_in=10/min,export=off. Units: "
            "second, min, hour, day. The value off switches all limits off."
        ),
    )
    sign_in_failures: int = Field(
        10,
        ge=0,
        description=(
            "Number of wrong passwords after which a user name is locked out, per client address. "
            "0: no lockout."
        ),
    )
    sign_in_failures_per_account: int = Field(
        100,
        ge=0,
        le=10_000,
        description=(
            "Number of wrong passwords in an hour after which a user name is locked out at every "
            "address. 0: no such lockout."
        ),
    )
    sign_in_lock_minutes: float = Field(
        15.0,
        gt=0,
        description=(
            "Length of a lockout, in minutes. Failures further apart than this are not counted "
            "together."
        ),
    )

    session_idle_hours: float = Field(
        336.0,
        gt=0,
        le=8760,
        description="Hours after which a session that is not used ends.",
    )
    confirm_password_minutes: float = Field(
        15.0,
        ge=1,
        le=1440,
        description=(
            "Minutes after which people give their password again before an export or an "
            "anonymisation."
        ),
    )
    session_longest_days: float = Field(
        30.0,
        gt=0,
        le=365,
        description="Days after which a session ends even if it is used.",
    )

    @field_validator("trusted_origins")
    @classmethod
    def require_exact_origins(cls, values: list[str]) -> list[str]:
        for value in values:
            parts = urlsplit(value)
            is_exact = f"{parts.scheme}://{parts.netloc}" == value and "*" not in value
            if parts.scheme not in {"http", "https"} or not parts.hostname or not is_exact:
                raise ValueError(f"'{value}' must be an exact origin such as https://example.com")
        return values

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def parse_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        networks = [ip_network(part.strip()) for part in value.split(",") if part.strip()]
        if any(network.prefixlen == 0 for network in networks):
            raise ValueError("must not cover every address: anybody could forge X-Forwarded-For")
        return networks

    @field_validator("rate_limits", mode="before")
    @classmethod
    def parse_rate_limits(cls, value: object) -> object:
        return limits_from(value) if isinstance(value, str) else value
