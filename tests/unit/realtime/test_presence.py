"""Who watches, over two processes that tell each other."""

from typing import Any

from realtime.presence import Presence

TOPIC = "board.x"


class Wire:
    """What one process announces, for the other to hear."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def announce(self, topic: str, message: dict[str, Any]) -> None:
        self.sent.append(message | {"topic": topic})


async def test_a_viewer_of_one_process_is_seen_in_another() -> None:
    wire = Wire()
    here, there = Presence("here", wire.announce), Presence("there", Wire().announce)
    await here.join(TOPIC, 7, "林岚", "林岚")
    seen = there.hear(wire.sent[-1])
    assert seen["presence:7"] is not None
    assert seen["presence:7"]["name"] == "林岚"


async def test_a_repetition_is_no_news() -> None:
    wire = Wire()
    here, there = Presence("here", wire.announce), Presence("there", Wire().announce)
    await here.join(TOPIC, 7, "林岚", "林岚")
    assert there.hear(wire.sent[-1])
    assert there.hear(wire.sent[-1]) == {}


async def test_what_a_viewer_has_open_is_told() -> None:
    wire = Wire()
    here, there = Presence("here", wire.announce), Presence("there", Wire().announce)
    await here.join(TOPIC, 7, "林岚", "林岚")
    there.hear(wire.sent[-1])
    await here.watch(TOPIC, 7, "interview:17")
    row = there.hear(wire.sent[-1])["presence:7"]
    assert row is not None
    assert row["watching"] == "interview:17"


async def test_somebody_who_is_gone_from_every_process_is_taken_off() -> None:
    there = Presence("there", Wire().announce)
    row = {"key": "presence:7", "kind": "presence"}
    there.hear({"topic": TOPIC, "process": "a", "rows": [row]})
    there.hear({"topic": TOPIC, "process": "b", "rows": [row]})
    assert there.hear({"topic": TOPIC, "process": "a", "rows": []}) == {}
    assert there.hear({"topic": TOPIC, "process": "b", "rows": []}) == {"presence:7": None}
