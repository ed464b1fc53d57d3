"""Credentials of DingTalk group robots, parsed from the DINGTALK_ROBOTS variable."""

import json
import re
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, field_validator
from pydantic_settings import NoDecode

DINGTALK = "https://oapi.dingtalk.com"
SEND_PATH = "/robot/send"


class RobotCredentials(BaseModel):
    """Webhook address and signing secret of one robot. Both are masked in `repr`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    webhook: SecretStr
    secret: SecretStr

    @property
    def origin(self) -> str:
        """Scheme and host of the webhook, such as "https://oapi.dingtalk.com"."""
        address = urlsplit(self.webhook.get_secret_value())
        return f"{address.scheme}://{address.netloc}"

    @field_validator("webhook")
    @classmethod
    def require_webhook(cls, value: SecretStr) -> SecretStr:
        address = urlsplit(value.get_secret_value())
        tokens = parse_qs(address.query).get("access_token", [])
        is_plain = len(tokens) == 1 and re.fullmatch(r"[0-9A-Za-z_-]+", tokens[0])
        if address.path != SEND_PATH or not is_plain or address.query.count("=") > 1:
            raise ValueError(f"must be {DINGTALK}{SEND_PATH}?access_token=… and nothing else")
        return value

    @field_validator("secret")
    @classmethod
    def require_signing_secret(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"SEC\w+", value.get_secret_value()):
            raise ValueError("must begin with SEC: switch on signatures for this robot")
        return value


def _parse_json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        robots = json.loads(value)
    except ValueError:
        raise ValueError('must be JSON: {"<name>": {"webhook": "…", "secret": "SEC…"}}') from None
    for name in robots if isinstance(robots, dict) else ():
        if not re.fullmatch(r"[\w-]{1,40}", name, re.ASCII):
            raise ValueError("the name of a robot must be 1 to 40 letters, digits, _ or -")
    return robots


Robots = Annotated[dict[str, RobotCredentials], NoDecode, BeforeValidator(_parse_json)]
"""Credentials by robot name, given as JSON."""
