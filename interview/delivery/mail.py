"""stub"""

from datetime import datetime

from interview.models import Delivery


def send(deliveries: list[Delivery], now: datetime) -> None: ...
