"""Serializer of the cache: JSON only. Redis may hold what others wrote, and pickle executes it."""

from __future__ import annotations

import json
from typing import Any


class JsonSerializer:
    """For the option `serializer` of Django's Redis cache. Raises TypeError for other objects."""

    def dumps(self, value: Any) -> int | bytes:
        """Return integers as they are, so that Redis can add to them."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, text: bytes | int) -> Any:
        """Return the value; None, as for a missing one, if it is not JSON."""
        try:
            return json.loads(text) if isinstance(text, bytes) else text
        except ValueError:
            return None
