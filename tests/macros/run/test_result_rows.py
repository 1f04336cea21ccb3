"""Results in the shapes that adapters and other engines give them, which DuckDB does not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from projects import Macros, make_project, open_macros

NOON = datetime(2026, 1, 1, 12)


@pytest.fixture(scope="module")
def macros(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Macros]:
    project = make_project(tmp_path_factory.mktemp("results"))
    project.models(a="{{ config(tags=['x'], meta={'owner': 5}) }} select 1 as id")
    with open_macros(project) as macros:
        macros("_ensure_ops_tables")
        yield macros


def result(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(
        **{
            "node": SimpleNamespace(unique_id="model.shop.a"),
            "status": "success",
            "timing": [],
            "thread_id": "Thread-1",
            "execution_time": 1.5,
            "adapter_response": {},
            "message": None,
            "failures": None,
            "batch_results": None,
            **values,
        }
    )


def row_of(macros: Macros, **values: Any) -> dict[str, Any]:
    [row] = macros("_result_rows", results=[result(**values)])
    return dict(row)


def stored(macros: Macros, column: str, **values: Any) -> Any:
    macros.sql("delete from ops.ops_results")
    macros("write_ops_rows", table="ops_results", rows=[row_of(macros, **values)])
    [(value,)] = macros.sql(f"select {column} from ops.ops_results")
    return value


@pytest.mark.parametrize(
    ("response", "kept"),
    [
        ({"_message": "OK", "code": "SELECT"}, {"_message": "OK", "code": "SELECT"}),
        ({"n": Decimal("1.50"), "at": date(2026, 1, 31)}, {"n": 1.5, "at": "2026-01-31"}),
        (
            {"n": Decimal("7"), "m": Decimal("nan"), "x": Decimal("-inf")},
            {"n": 7, "m": None, "x": None},
        ),
        ({"n": math.nan, "m": math.inf, "x": 1.5}, {"n": None, "m": None, "x": 1.5}),
        ({"nested": {"at": NOON, "l": (1, None)}}, {"nested": {"at": str(NOON), "l": [1, None]}}),
        ({"flag": True, "none": None}, {"flag": True, "none": None}),
        ({}, {}),
        (None, {}),
    ],
    ids=str,
)
def test_an_adapter_response_is_stored_whatever_it_holds(
    macros: Macros, response: Any, kept: Any
) -> None:
    assert json.loads(stored(macros, "adapter_response", adapter_response=response)) == kept


@pytest.mark.parametrize(
    ("given", "kept"), [(3, 3), (0, 0), (-1, None), ("3", None), (True, None), (None, None)]
)
def test_rows_affected_is_a_number_of_rows_or_null(
    macros: Macros, given: object, kept: object
) -> None:
    assert stored(macros, "rows_affected", adapter_response={"rows_affected": given}) == kept


def test_bytes_and_query_ids_are_found_under_the_names_that_adapters_give_them(
    macros: Macros,
) -> None:
    bigquery = {"bytes_processed": 10**12, "job_id": "job-1"}
    assert stored(macros, "bytes_processed", adapter_response=bigquery) == 10**12
    athena = {"data_scanned_in_bytes": 512}
    assert stored(macros, "bytes_processed", adapter_response=athena) == 512
    assert stored(macros, "query_id", adapter_response=bigquery) == "job-1"
    assert stored(macros, "query_id", adapter_response={"query_id": "01b"}) == "01b"
    assert stored(macros, "query_id", adapter_response={"query_id": ""}) is None


def test_times_of_core_are_utc(macros: Macros) -> None:
    timing = [
        SimpleNamespace(
            name=name,
            started_at=NOON + timedelta(seconds=start),
            completed_at=NOON + timedelta(seconds=end),
        )
        for name, start, end in [("compile", 0, 0.5), ("execute", 1, 3)]
    ]
    columns = "(started_at, completed_at, compile_time, execute_time)"
    assert stored(macros, columns, timing=timing) == (NOON, NOON + timedelta(seconds=3), 0.5, 2.0)


def test_times_of_dbt_v2_are_text(macros: Macros) -> None:
    timing = [
        SimpleNamespace(
            name="compile",
            started_at="2026-01-01T12:00:00.000000Z",
            completed_at="2026-01-01T12:00:01.000000Z",
        ),
        SimpleNamespace(
            name="execute", started_at="2026-01-01T12:00:01.5Z", completed_at="2026-01-01T12:00:03Z"
        ),
    ]
    columns = "(started_at, completed_at, execute_time)"
    assert stored(macros, columns, timing=timing) == (NOON, NOON + timedelta(seconds=3), None)


def test_a_timing_that_never_ended_has_no_time(macros: Macros) -> None:
    timing = [SimpleNamespace(name="compile", started_at=NOON, completed_at=None)]
    assert stored(macros, "(started_at, completed_at)", timing=timing) == (None, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (NOON, "2026-01-01 12:00:00"),
        (NOON.replace(tzinfo=timezone.utc), "2026-01-01 12:00:00.000000"),
        (NOON.replace(tzinfo=timezone(timedelta(hours=-5))), "2026-01-01 17:00:00.000000"),
        ("2026-01-01T12:00:00Z", "2026-01-01 12:00:00"),
        ("2026-01-01T12:00:00+00:00", "2026-01-01 12:00:00"),
    ],
    ids=str,
)
def test_a_timestamp_is_written_in_utc_without_an_offset(
    macros: Macros, given: object, kept: object
) -> None:
    assert macros("_timestamp", value=given) == kept


def test_a_result_whose_node_the_graph_does_not_have_is_described_by_itself(
    macros: Macros,
) -> None:
    node = SimpleNamespace(
        unique_id="unit_test.shop.a.t",
        resource_type="unit_test",
        name="t",
        package_name="shop",
        tags=["y"],
        config=SimpleNamespace(meta={"owner": "ann"}, materialized=None),
        database=None,
        schema=5,
        alias=None,
    )
    row = row_of(macros, node=node)
    assert (row["resource_type"], row["name"], row["tags"]) == ("unit_test", "t", ["y"])
    assert (row["owner"], row["schema_name"], row["materialized"]) == ("ann", None, None)


def test_an_owner_is_text(macros: Macros) -> None:
    assert row_of(macros)["owner"] == "5"
    assert row_of(macros)["tags"] == ["x"]


def test_a_message_that_is_not_text_becomes_it(macros: Macros) -> None:
    assert stored(macros, "message", message=ValueError("it's")) == "it's"


@pytest.mark.parametrize(
    ("status", "group"),
    [
        ("success", "success"),
        ("pass", "success"),
        ("no-op", "success"),
        ("reused", "success"),
        ("warn", "warn"),
        ("skipped", "skipped"),
        ("error", "error"),
        ("fail", "error"),
        ("runtime error", "error"),
        ("partial success", "error"),
        ("from the future", "error"),
    ],
)
def test_a_status_that_is_not_known_counts_as_an_error(
    macros: Macros, status: str, group: str
) -> None:
    assert macros("_harmless_statuses").get(status, "error") == group
