"""The bare server: our daphne runner with an application that accepts and answers, nothing else."""

from __future__ import annotations

import os
import sys
from typing import Any

import django

WELCOME = '{"type":"welcome","position":1}'  # which leads to the end of CHANGES
CHANGES = '{"type":"changes","from":1,"to":1,"changes":[]}'


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Accept, answer the hello as a resumed socket is answered, and stay."""
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
