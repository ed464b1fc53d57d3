"""Addresses of interview days: boards and walls, and the pages of `page_urls`."""

from django.urls import path

from interview import page_urls
from interview.views import board

board_pages = [
    path("board/", board.boards, name="boards"),
    path("board/<slug:campaign>/", board.board, name="board"),
    path("board/<slug:campaign>/wall/", board.wall, name="wall"),
]

urlpatterns = [*board_pages, *page_urls.urlpatterns]
