"""What clients send is read strictly: a wrong frame is refused in words, and by the right one."""

import pytest

from realtime.protocol.client_frames import Ack, ClientError, parse


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "frame",
    ['{"type":"ack","position":1,"shown_ms":%s}', '{"type":"ping","ref":[%s]}'],
)
def test_what_json_does_not_know_is_no_number(frame: str, number: str) -> None:
    """Python's reader takes them all, and a pong would hand them on to a browser that does not."""
    with pytest.raises(ClientError) as refusal:
        parse(frame % number)
    assert refusal.value.code == "bad_json"


@pytest.mark.parametrize("number", ["0", "12", "12.5", "1e3", "-3"])
def test_any_number_may_be_told_as_commit_to_paint(number: str) -> None:
    assert parse(f'{{"type":"ack","position":1,"shown_ms":{number}}}') == Ack(1, float(number))


@pytest.mark.parametrize("said", ['"12"', "true", "[1]", "{}"])
def test_commit_to_paint_is_a_number(said: str) -> None:
    with pytest.raises(ClientError) as refusal:
        parse(f'{{"type":"ack","position":1,"shown_ms":{said}}}')
    assert refusal.value.code == "bad_field"
