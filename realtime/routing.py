"""The addresses of the sockets."""

from django.urls import path

from realtime.consumers import BoardConsumer, InterviewerConsumer, TaskConsumer, WallConsumer

websocket_urlpatterns = [
    path("ws/board/<slug:campaign>/", BoardConsumer.as_asgi()),
    path("ws/wall/<slug:campaign>/", WallConsumer.as_asgi()),
    path("ws/me/", InterviewerConsumer.as_asgi()),
    path("ws/tasks/", TaskConsumer.as_asgi()),
]
