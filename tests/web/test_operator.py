"""The operator's desk opens for programs on the machine itself, and for nobody else."""

import pytest

from sonoteca.web.operator_page import is_local
from tests.web.asking import AWAY, HERE, Visitor
from tests.web.reading import offences


def test_it_says_what_is_held_and_the_cure(visitor: Visitor) -> None:
    answer = visitor.get("/operator")
    assert answer.status == 200
    assert "Secret" in answer.text
    assert "sonoteca rights grant" in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("rule", ["R001", "R999", '"><b>', "%00"])
def test_one_rule(rule: str, visitor: Visitor) -> None:
    answer = visitor.get(f"/operator?rule={rule}")
    assert answer.status == 200
    assert offences(answer.text) == []


def test_nobody_else_sees_it(visitor: Visitor) -> None:
    app = visitor._app
    for other in (Visitor(app, AWAY), Visitor(app, HERE, "archive.example"), Visitor(app, ("", 0))):
        answer = other.get("/operator")
        assert answer.status == 403
        assert "Secret" not in answer.text
        assert offences(answer.text) == []


@pytest.mark.parametrize(
    "name",
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "x-forwarded-proto", "cf-connecting-ip"],
)
def test_proxies_close_it(name: str, visitor: Visitor) -> None:
    assert visitor.get("/operator", **{name.replace("-", "_"): "127.0.0.1"}).status == 403


@pytest.mark.parametrize(
    ("client", "host", "is_open"),
    [
        ("127.0.0.1", "localhost:8000", True),
        ("127.8.9.1", "127.0.0.1", True),
        ("::1", "[::1]:8000", True),
        ("::ffff:127.0.0.1", "LOCALHOST", True),
        ("::ffff:203.0.113.1", "localhost", False),
        ("203.0.113.1", "localhost", False),
        ("127.0.0.1", "rebound.example:8000", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "[::1", False),
        ("testclient", "localhost", False),
    ],
)
def test_is_local(client: str, host: str, is_open: bool) -> None:
    assert is_local(client, {"host": host}) is is_open
