"""The board and the sockets on it that every delivery benchmark uses."""

from __future__ import annotations

from realtime.log import reader
from tests.load.boards import make_board, sessions_of_coordinators
from tests.load.client_process import ClientProcess
from tests.load.processes import Server
from tests.support.product.day_topics import todays_board

CARDS = 500
SOCKETS = 300
PEOPLE = 20


class Board:
    """A board with so many cards, watched by coordinators who have signed in."""

    def __init__(self, cards: int = CARDS, people: int = PEOPLE) -> None:
        campaign, self.keys = make_board(cards)
        self.campaign, self.slug = campaign, campaign.slug
        self.topic = todays_board(campaign)
        self.cookies = sessions_of_coordinators(campaign, people)

    def rows(self) -> dict[str, str]:
        """Returns each card as it is sent."""
        return reader.render_changes({self.topic: self.keys})[self.topic]

    def watched_by(self, clients: ClientProcess, server: Server, sockets: int = SOCKETS) -> float:
        """Opens so many sockets; returns the seconds until the last has its snapshot."""
        opened = clients.open(
            url=server.socket(f"/ws/board/{self.slug}/"),
            origin=server.origin,
            cookies=self.cookies,
            count=sockets,
            hello={"type": "hello", "epoch": None, "position": None},
            awaits='{"type":"snapshot"',
        )
        return float(opened["seconds"])


def watch_stock(clients: ClientProcess, server: Server) -> None:
    """Opens the same number of sockets on the stock consumer, or on the peer."""
    clients.open(
        url=server.socket("/"),
        origin=server.origin,
        cookies=[],
        count=SOCKETS,
        awaits='{"type": "welcome"',
        at_once=20,  # with a hundred, the core layer runs out of Redis connections
    )
