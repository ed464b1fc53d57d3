"""The ASGI application: HTTP goes to Django, WebSockets to the consumers."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django_application = get_asgi_application()

from project.servers.body_limit import BodyLimit  # noqa: E402  models need a configured Django
from realtime import metrics  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402

metrics.register()
application = ProtocolTypeRouter(
    {
        "http": BodyLimit(django_application),
        # Sockets are authenticated in batches, by realtime/hub/admission_batch.py.
        "websocket": CookieMiddleware(URLRouter(websocket_urlpatterns)),
    }
)
