"""The ASGI application: pages through Django, sockets through the consumers. Any ASGI server
runs it.
"""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
pages = get_asgi_application()

from realtime.routing import websocket_urlpatterns  # noqa: E402  models load with the pages

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    }
)
