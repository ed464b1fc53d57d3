"""Client frames are parsed strictly, and an invalid one gets the right error code."""

import pytest

from realtime.protocol.client_frames import Ack, ClientError, parse


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "frame",
    ['{"type":"ack","position":1,"shown_ms":%s}', '{"type":"ping","ref":[%s]}'],
)
def test_numbers_that_json_does_not_have_are_rejected(frame: str, number: str) -> None:
    """Python's parser accepts them, but a browser could not parse the pong that repeats them."""
    with pytest.raises(ClientError) as refusal:
        parse(frame % number)
    assert refusal.value.code == "bad_json"


@pytest.mark.parametrize("number", ["0", "12", "12.5", "1e3", "-3"])
def test_any_finite_number_is_accepted_as_commit_to_paint(number: str) -> None:
    assert parse(f'{{"type":"ack","position":1,"shown_ms":{number}}}') == Ack(1, float(number))


@pytest.mark.parametrize("value", ['"12"', "true", "[1]", "{}"])
def test_a_commit_to_paint_that_is_not_a_number_is_rejected(value: str) -> None:
    with pytest.raises(ClientError) as refusal:
        parse(f'{{"type":"ack","position":1,"shown_ms":{value}}}')
    assert refusal.value.code == "bad_field"
