"""Private values are removed by shape or key; operational values are kept."""

from __future__ import annotations

import pytest

from monitoring.logs.scrubbing import FILTERED, scrub


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("Sent to zhang.wei+hr@example.com.cn.", "zhang.wei"),
        ("写给张伟@例子.公司", "张伟"),
        ("Called 13812345678 twice", "13812345678"),
        ("Called +86 138-1234-5678 twice", "1234"),
        ("Called +1 (415) 555-0132 twice", "555"),
        ("Call 13812345678.", "1381"),
        ("电话13812345678，座机010-12345678。", "12345678"),
        ("Card 11010519491231002X", "1949"),
        ("身份证11010519491231002X号", "1949"),
        ("GET /calendar/Rk3vQm8xTa5uYw1z.ics", "Rk3v"),
        ("GET /my-application/Rk3vQm8xTa5uYw1z/", "Rk3v"),
        ("POST https://oapi.dingtalk.com/robot/send?access_token=abcd", "abcd"),
        ("GET /candidates/?q=张伟&page=2", "张伟"),
        ("Authorization: Token 9944b09199c62bcf9418", "9944"),
        ("Authorization: Signed 9944b091", "9944"),
        ("cookie: sessionid=abcdef; csrftoken=ghijkl", "ghijkl"),
        ("Set-Cookie: messages=mnopqr; other=stuvwx", "stuvwx"),
        ('{"password": "tipperary"}', "tipperary"),
        ("postgresql://recruit:sesame@db:5432/recruit", "sesame"),
        ("duplicate key\nDETAIL:  Key (phone)=(张伟) already exists.\nline", "张伟"),
        ("Key (name, phone)=(张伟, 1) already exists.", "张伟"),
        ("Failing row contains (7, 张伟, (a), null).", "张伟"),
    ],
)
def test_values_with_a_private_shape_are_removed(text: str, private: str) -> None:
    assert private in text, "the premise"
    assert private not in scrub(text)
    assert FILTERED in scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "The relay lost its connection to a server (OperationalError)",
        "2026-11-25T10:36:00.123456+00:00",
        "1764066960.123456",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "7f3c1a52-9d3e-4b53-8a46-138123456789",
        "celery@worker-1 is ready.",
        "celery@web-1.example.com ready.",
        "Token is missing; 3 assigned: 5, 7 and 9",
        "run 13800138-0013-4800-8013-800138001380 took 1732530966123 ms",
        "request 0f3a13800138000b9c8d7e6f5a4b3c2d of 2026-11-25 10:36:06,123",
        "Not Found: /interviews/12345678901/",
        "Listening on TCP address 127.0.0.1:8113",
        "realtime/hub/hub.py:120 in _poll",
        "SELECT a.id FROM interview_interview a WHERE a.id = %s",
    ],
)
def test_operational_values_are_kept(text: str) -> None:
    assert scrub(text) == text


def test_names_are_removed_by_their_key_at_any_depth() -> None:
    given = {
        "action": "import_done",
        "code": 4501,
        "entry": "remind",
        "rows": [{"candidate_name": "张伟", "Phone": 13812345678, "id": 7}, ("a@b.example", None)],
        "request": {"headers": {"Cookie": "sessionid=x"}, "method": "GET"},
        "candidate": "张伟",
        "email": None,
        "13812345678": b"\x00",
    }
    assert scrub(given) == {
        "action": "import_done",
        "code": 4501,
        "entry": "remind",
        "rows": [{"candidate_name": FILTERED, "Phone": FILTERED, "id": 7}, [FILTERED, None]],
        "request": {"headers": FILTERED, "method": "GET"},
        "candidate": FILTERED,
        "email": None,
        FILTERED: FILTERED,
    }
    assert given["rows"][0]["candidate_name"] == "张伟", "the argument is not modified"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["a", "token", "a.", "a@", "+86 ", "?", "Key ("])
def test_scrubbing_takes_linear_time(piece: str) -> None:
    """A pattern with quadratic backtracking would block the logging process for minutes."""
    assert scrub(piece * 30_000)
