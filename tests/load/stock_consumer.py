"""The baseline, built like the Channels tutorial: a group for the list, `group_send` for each
change, an `AsyncJsonWebsocketConsumer` for each socket, the core Redis layer, unmodified daphne.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import django
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from channels_redis.core import RedisChannelLayer
from daphne.server import Server
from django.conf import settings

GROUP = "board"
PREFIX = "stock"


def layer(redis_url: str) -> RedisChannelLayer:
    """Returns the core layer for a process that announces changes."""
    return RedisChannelLayer(hosts=[redis_url], prefix=PREFIX)


class StockConsumer(AsyncJsonWebsocketConsumer):
    """Follows one list, without authentication, which favours the baseline."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send_json({"type": "welcome", "position": 0})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def board_change(self, event: dict[str, Any]) -> None:
        await self.send_json(event["change"])


def serve(port: int) -> None:
    """Serves until SIGTERM."""
    backend = "channels_redis.core.RedisChannelLayer"
    config = {"hosts": [os.environ["REDIS_URL"]], "prefix": PREFIX}
    settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": backend, "CONFIG": config}})
    django.setup()
    logging.basicConfig(level=logging.INFO)
    application = ProtocolTypeRouter({"websocket": StockConsumer.as_asgi()})
    Server(application, endpoints=[f"tcp:port={port}:interface=127.0.0.1"]).run()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
