"""The texts of the scripts of board and wall screen, by key. The scripts fill in `{placeholders}`.

Lazily translated: the page's configuration contains them in the reader's language.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from interview.models import Delivery, labels
from interview.models.states import Status
from interview.notifications import channels
from interview.texts import board, drawer
from interview.texts.shared import SHARED, WALL, Texts

__all__ = ["BOARD", "SHARED", "STATUSES", "WALL"]

STATUSES: Texts = {str(value): label for value, label in Status.choices}
FLAGS: Texts = {f"flag_{name}": label for name, label in labels.FLAGS.items()}
NOTICES: Texts = {f"notice_{value}": label for value, label in Delivery.Event.choices}
DELIVERIES: Texts = {f"delivery_{value}": label for value, label in Delivery.State.choices}
CHANNELS: Texts = {f"channel_{value}": label for value, label in channels.choices()}
EVENTS: Texts = {f"event_{name}": label for name, label in labels.EVENTS.items()}

BOARD: Texts = (
    board.HEAD
    | board.CARDS
    | board.ACTION_LIST
    | board.TRAY
    | board.KEYS
    | drawer.ACTIONS
    | drawer.DONE
    | drawer.DRAWER
    | drawer.FORMS
    | FLAGS
    | EVENTS
    | NOTICES
    | DELIVERIES
    | CHANNELS
    | {"event_system": _("The system")}
)
