"""The part of the environment that says how messages leave the house: by mail and DingTalk."""

from email.utils import parseaddr
from typing import Literal

from django.core.exceptions import ValidationError as InvalidAddress
from django.core.validators import validate_email
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.dingtalk_credentials import DINGTALK, Robots


class ForMessages(BaseSettings):
    """Read as part of `environment.Environment`; the description is the documentation."""

    dingtalk_robots: Robots = Field(
        {},
        description='JSON, {"<name of the robot>": {"webhook": "https://…", "secret": "SEC…"}}.',
    )
    dingtalk_origin: str = Field(
        DINGTALK,
        description="Scheme and host of every webhook; another only with DEBUG, for tests.",
    )
    email_host: str = Field(
        "", description="SMTP server; empty writes mails as files under DATA_DIR/mail."
    )
    email_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    email_user: str = Field("", description="User name at the SMTP server; empty: none.")
    email_password: str = Field("", description="Password at the SMTP server.")
    email_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="Encryption on the way to the SMTP server."
    )
    email_from: str = Field(
        "Recruit Live <recruit@example.com>",
        description="Sender of mails and organiser of invites.",
    )
    email_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long the SMTP server may take for each answer."
    )

    @field_validator("email_from")
    @classmethod
    def is_a_sender(cls, value: str) -> str:
        try:
            validate_email(parseaddr(value)[1])
        except InvalidAddress:
            raise ValueError("must be an e-mail address, or: Name <address>") from None
        return value
