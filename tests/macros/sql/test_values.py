"""Any value survives the way through SQL into the warehouse and back."""

from __future__ import annotations

import json
import math
import re
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from projects import Macros

NASTY = [
    "it's",
    "''",
    "back\\slash and \\' and \\u0000 and \\\\u0000 and \\ud83d",
    "two\nlines\r\nand a tab\t",
    "$$ $1 $tag$ {{ x }} {% endraw %} {# no #}",
    "*/ -- ; drop table x; /* */ # ? %s %(a)s :name",
    "emoji 😀 and é and \U0010ffff",
    "nul \x00 in the middle",
    "lone \ud83d surrogate, \ude00 reversed \ude00\ud83d",
    "\x01\x7f\u2028\ufeff\ufffe",
    '{"a": "b"}',
    " surrounded by blanks ",
    "null",
    "",
]
# Hypothesis leaves surrogates out unless asked.
TEXT = st.text(st.characters(codec=None, exclude_categories=())) | st.sampled_from(NASTY)
INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def without_halves(text: str) -> str:
    """What of a text an engine can hold: NUL and surrogates become U+FFFD."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text)


def storable(text: str) -> str:
    """The same after JSON, in which two halves that follow each other become one character."""
    return without_halves(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


@pytest.fixture(scope="module")
def macros(module_macros: Macros) -> Macros:
    return module_macros


def floats(value: Any) -> Any:
    """The same JSON with all numbers as floats."""
    return json.loads(json.dumps(value), parse_int=float)


def through_literal(macros: Macros, value: Any) -> Any:
    return macros.sql(f"select {macros('literal', value=value)}")[0][0]


@settings(max_examples=100, deadline=None)
@given(text=TEXT)
@example(text="\\")
@example(text="\\'")
@pytest.mark.slow_engines
def test_a_text_literal_is_the_text(macros: Macros, text: str) -> None:
    assert through_literal(macros, text) == without_halves(text)


@settings(max_examples=50, deadline=None)
@given(number=INTEGERS | FLOATS)
def test_a_number_literal_is_the_number(macros: Macros, number: float) -> None:
    found = through_literal(macros, number)
    assert not isinstance(found, str)
    assert type(number)(found) == number


@pytest.mark.parametrize("value", [None, True, False])
@pytest.mark.slow_engines
def test_null_and_booleans_are_themselves(macros: Macros, value: object) -> None:
    assert through_literal(macros, value) is value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN")])
def test_what_is_not_a_finite_number_is_null(macros: Macros, value: object) -> None:
    assert macros("literal", value=value) == "null"


def test_a_decimal_keeps_all_its_digits(macros: Macros) -> None:
    assert through_literal(macros, Decimal("12345678901234567890.123")) == Decimal(
        "12345678901234567890.123"
    )


def test_a_date_is_its_text(macros: Macros) -> None:
    assert through_literal(macros, date(2026, 1, 31)) == "2026-01-31"


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=5))
@pytest.mark.slow_engines
def test_a_text_survives_the_json_payload(macros: Macros, texts: list[str]) -> None:
    payload = macros("_json_payload", rows=[{"message": text} for text in texts])
    select = macros("json_rows", columns={"message": "string"}, payload=payload)
    assert [row[0] for row in macros.sql(select)] == [storable(text) for text in texts]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "message": st.none() | TEXT,
            "failures": st.none() | INTEGERS,
            "execution_time": st.none() | FLOATS,
            "adapter_response": JSON_VALUES,
        },
    ),
    min_size=1,
    max_size=4,
)


def stored_json(value: Any) -> Any:
    """A JSON value as the column holds it: null is SQL's null, and texts are storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [stored_json(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): stored_json(item) for key, item in value.items()}
    return value


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_rows_of_any_content_are_stored_as_they_are(macros: Macros, rows: list[Any]) -> None:
    run = str(uuid.uuid4())
    keyed = [
        {**row, "invocation_id": run, "unique_id": f"n{i}", "attempt": 1}
        for i, row in enumerate(rows)
    ]
    macros("write_ops_rows", table="ops_results", rows=keyed)
    found = macros.sql(
        "select message, failures, execution_time, adapter_response from ops.ops_results"
        f" where invocation_id = '{run}' order by unique_id"
    )
    for row, (message, failures, seconds, response) in zip(rows, found, strict=True):
        assert message == stored_json(row.get("message"))
        assert failures == row.get("failures")
        assert seconds == row.get("execution_time")
        expected = stored_json(row.get("adapter_response"))
        if macros.engine.adapter == "spark" and isinstance(expected, str):
            # A text column, in which JSON that is one text stands without its quotes.
            response = json.dumps(response)
        held = None if response is None else json.loads(response)
        if macros.engine.name in ("postgres", "redshift"):
            # Its jsonb writes a whole number without a point, so 1e16 comes back as an integer.
            held, expected = (floats(value) for value in (held, expected))
        assert held == expected


@pytest.mark.not_on("snowflake", "takes statements of 1 MB: it is shortened")
@pytest.mark.not_on("bigquery", "takes statements of 1 MB: it is shortened")
@pytest.mark.not_on("redshift", "takes texts of 65,535 bytes: it is shortened")
@pytest.mark.not_on("clickhouse", "takes statements of 256 KiB: it is shortened")
@pytest.mark.slow_engines
def test_a_very_long_text_is_stored_whole(macros: Macros) -> None:
    text = "it's 😀 \\ {{ x }}\n" * 200_000
    macros(
        "write_ops_rows",
        table="ops_results",
        rows=[{"invocation_id": "long", "unique_id": "n", "attempt": 1, "message": text}],
    )
    [(found,)] = macros.sql("select message from ops.ops_results where invocation_id = 'long'")
    assert found == text


def test_what_json_cannot_hold_becomes_a_number_text_or_null(macros: Macros) -> None:
    value = {
        date(2026, 1, 31): Decimal("1.50"),
        "at": datetime(2026, 1, 31, 12),
        "nan": math.nan,
        "list": (1, date(2026, 2, 1), -math.inf),
        "plain": {"a": True, "b": None, "c": "x"},
    }
    assert macros("_json_safe", value=value) == {
        "2026-01-31": 1.5,
        "at": "2026-01-31 12:00:00",
        "nan": None,
        "list": [1, "2026-02-01", None],
        "plain": {"a": True, "b": None, "c": "x"},
    }
