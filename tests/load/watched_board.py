"""The board of an interview day and the screens on it: the same for every benchmark of delivery."""

from __future__ import annotations

from realtime.log import reader, topics
from tests.load.boards import make_board, sessions_of_coordinators
from tests.load.client_process import Crowd
from tests.load.processes import Server

CARDS = 500
SOCKETS = 300
PEOPLE = 20


class Board:
    """A board of so many cards, watched by people who have signed in."""

    def __init__(self, cards: int = CARDS, people: int = PEOPLE) -> None:
        campaign, self.keys = make_board(cards)
        self.slug = campaign.slug
        self.topic = topics.board(self.slug)
        self.cookies = sessions_of_coordinators(campaign, people)

    def rows(self) -> dict[str, str]:
        """Each card as it goes over the wire."""
        return reader.render_changes(self.topic, self.keys)

    def watched_by(self, crowd: Crowd, server: Server, sockets: int = SOCKETS) -> float:
        """Open so many sockets; the seconds until the last has its snapshot."""
        opened = crowd.open(
            url=server.socket(f"/ws/board/{self.slug}/"),
            origin=server.origin,
            cookies=self.cookies,
            count=sockets,
            hello={"type": "hello", "epoch": None, "position": None},
            awaits='{"type":"snapshot"',
        )
        return float(opened["seconds"])


def watch_stock(crowd: Crowd, server: Server) -> None:
    """The same number of sockets on the stock consumer."""
    crowd.open(
        url=server.socket("/"),
        origin=server.origin,
        cookies=[],
        count=SOCKETS,
        awaits='{"type": "welcome"',
        at_once=20,  # the core layer runs out of connections to Redis at a hundred
    )
