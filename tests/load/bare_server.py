"""The bare server: our daphne runner with an application that only accepts and answers."""

from __future__ import annotations

import os
import sys
from typing import Any

import django

WELCOME = '{"type":"welcome","position":1}'  # the position that CHANGES leads to
CHANGES = '{"type":"changes","from":1,"to":1,"changes":[]}'


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Accepts, answers the hello like a resumed socket, and stays connected."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": WELCOME})
            await send({"type": "websocket.send", "text": CHANGES})


def serve(port: int) -> None:
    """Serve until SIGTERM."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    django.setup()
    from project.servers.daphne import serve as serve_with

    serve_with(application, host="127.0.0.1", port=port)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
