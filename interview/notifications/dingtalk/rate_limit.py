"""The rate limit of each robot, and the times at which robots wait.

DingTalk accepts 20 messages per minute and then refuses for ten minutes. Without Redis the number
of messages sent is unknown, so nothing is sent.
"""

from __future__ import annotations

from datetime import datetime
from zlib import crc32

from realtime.rate_limiter import Rate, RateLimit

RATE = Rate(18, 60)  # two less than DingTalk's, which counts on another clock
PEAK_MINUTES = (0, 30)  # when robots all over DingTalk send
SPREAD_SECONDS = 20


def remaining(robot: str) -> int:
    """Number of messages that the robot may still send now. Raises RedisDown."""
    return _limit(robot).remaining()


def consume(robot: str) -> bool:
    """Count one message. Return False if the limit is reached. Raises RedisDown."""
    return not _limit(robot).hit()


def _limit(robot: str) -> RateLimit:
    return RateLimit(f"dingtalk:{robot}", RATE)


def is_peak(robot: str, now: datetime) -> bool:
    """True in the first seconds of :00 and :30, for a number of seconds that differs per robot."""
    if now.minute not in PEAK_MINUTES:
        return False
    return now.second < crc32(f"{robot} {now:%d %H:%M}".encode()) % SPREAD_SECONDS
