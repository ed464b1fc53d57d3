"""Settings for outgoing messages: e-mail and DingTalk."""

from email.utils import parseaddr
from typing import Literal

from django.core.exceptions import ValidationError as InvalidAddress
from django.core.validators import validate_email
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.dingtalk_credentials import DINGTALK, Robots
from project.environment.values import HTTPS, SMTP_PORTS, connects

HOST_AND_PORT = r"^([\w.-]+:\d{1,5})?$"
CATCHERS = frozenset({"mailpit", "mailhog", "mailcatcher", "maildev"})
CATCHER_PORT = 1025  # of all of them by default; no mail server listens there


class MessageSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    email_host: str = Field(
        "",
        description="Host name of the SMTP server. Empty: e-mails are written to DATA_DIR/mail.",
        json_schema_extra=connects(*SMTP_PORTS, processes=("worker",)),
    )
    email_port: int = Field(587, ge=1, le=65535, description="TCP port of the SMTP server.")
    email_user: str = Field(
        "", description="User name at the SMTP server. Empty: no authentication."
    )
    email_password: str = Field("", description="Password at the SMTP server.")
    email_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Encryption of the connection to the SMTP server."
    )
    email_from: str = Field(
        "Recruit Live <recruit@example.com>",
        description="Sender of e-mails and organiser of calendar invitations.",
    )
    email_timeout_seconds: float = Field(
        10.0,
        gt=0,
        le=60,
        description="Seconds to wait for each response of the SMTP server.",
    )
    email_catcher: str = Field(
        "",
        pattern=HOST_AND_PORT,
        description=(
            "Host and port of a mail catcher, such as mailpit:1025, which shows e-mails instead of "
            "sending them. Used while EMAIL_HOST is empty."
        ),
    )
    message_delay_seconds: float = Field(
        6.0,
        ge=0,
        le=60,
        description=(
            "Seconds that messages about a change by a person wait before they are sent. An undo "
            "in this time recalls them. 0: they are sent at once."
        ),
    )
    dingtalk_robots: Robots = Field(
        {},
        description=(
            "Credentials of the DingTalk group robots as JSON: "
            '{"<name in the admin>": {"webhook": "https://…", "secret": "SEC…"}}.'
        ),
    )
    dingtalk_origin: str = Field(
        DINGTALK,
        description=(
            "Scheme and host that every webhook must have. Can be changed only with DEBUG=yes, "
            "for tests."
        ),
        json_schema_extra=connects(HTTPS, processes=("web", "worker")),
    )

    @field_validator("email_from")
    @classmethod
    def require_sender(cls, value: str) -> str:
        try:
            validate_email(parseaddr(value)[1])
        except InvalidAddress:
            raise ValueError("must be an e-mail address, or: Name <address>") from None
        return value

    @property
    def mail_server(self) -> tuple[str, int]:
        """Host and port to which e-mails are sent; an empty host if they are written to files."""
        host, _, port = self.email_catcher.partition(":")
        if self.email_host or not host:
            return self.email_host, self.email_port
        return host, int(port)

    @property
    def mail_reaches_people(self) -> bool:
        """Whether e-mails leave the site: not if they are files, or kept by a mail catcher."""
        host = self.email_host.lower()
        return bool(host) and host not in CATCHERS and self.email_port != CATCHER_PORT
