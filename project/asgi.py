"""The ASGI application: pages through Django, sockets through the consumers. Any ASGI server
runs it.
"""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
pages = get_asgi_application()

from realtime import metrics  # noqa: E402  models load with the pages
from realtime.routing import websocket_urlpatterns  # noqa: E402

metrics.register()
application = ProtocolTypeRouter(
    {
        "http": pages,
        # Who it is, the door asks, for all who come at once (realtime/hub/admission_batch.py).
        "websocket": CookieMiddleware(URLRouter(websocket_urlpatterns)),
    }
)
