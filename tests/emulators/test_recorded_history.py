"""What a warehouse knows of its statements, recorded: on the engines whose history an emulator can serve."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import vendor_history
from conftest import make_engine
from dialects import assert_is_of
from engines import ENGINES, Engine
from projects import Project
from vendor_history import (
    add,
    add_run,
    hash_of,
    history_of,
    ids,
    latency,
    make_history,
    of,
    recorded,
    run,
    sent_texts,
    statements,
)

COMMENT = {
    "comment": "{{ dbt_opsplugin.query_comment(node, tags={'team': 'it\\'s \"*/\" \\\\ **bold** {x}'}) }}",
    "append": True,
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=getattr(pytest.mark, name))
        for name in ("snowflake", "bigquery", "redshift", "clickhouse")
        if ENGINES[name].is_installed()
    ]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    return make_engine(request)


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with the comment, before a warehouse with a history."""
    now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
    monkeypatch.setattr(vendor_history, "NOW", now)
    project.config["query-comment"] = COMMENT
    project.outputs["prod"]["threads"] = 1
    project.models(a="select 'it''s \\\\ {{ \"{\" }}' as text", b="select * from {{ ref('a') }}")
    make_history(project)
    return project


def test_each_statement_with_the_comment_is_recorded_once(shop: Project) -> None:
    """Not those of others, whose comments look like ours."""
    day = timedelta(days=1)
    invocation, texts = run(shop, day)
    ours = statements(texts, day, 1)
    ours = [one for one in ours if '"dbt_opsplugin_version"' in one.sql]
    model = next(one for one in ours if of("a") in one.sql)
    others = [
        "select 1",
        model.sql.replace('"project": "shop"', '"project": "other"'),
        model.sql.replace('"target": "prod"', '"target": "dev"'),
        model.sql.replace('"dbt_opsplugin_version"', '"version"'),
        model.sql.replace('"app": "dbt"', '"app": "other"'),
    ]
    assert len(set(others)) == 5
    add(shop, [*ours, *statements(others, day, 1001)])
    planned = shop.operation("record_query_history", dry_run=True)
    said = f"{len(ours)} statements of 1 dbt commands"
    assert f"{said} would be recorded; complete for what ended until" in planned.text
    assert recorded(shop) == []
    first = shop.operation("record_query_history")
    assert f"{said} recorded" in first.text
    assert recorded(shop) == ids(*(int(one.id[1:]) for one in ours), project=shop)
    assert set(recorded(shop, "invocation_id")) == {invocation}
    assert "model.shop.a" in recorded(shop, "unique_id")
    [row] = shop.sql(
        "select unique_id, project_name, target_name, query_hash, status, started_at, completed_at,"
        " execution_time, queue_time from ops.ops_query_history"
        f" where query_id = '{ids(int(model.id[1:]), project=shop)[0]}'"
    )
    assert row == (
        *("model.shop.a", "shop", "prod", hash_of(model, shop), "success"),
        *(model.started_at, model.completed_at, 2.0),
        None if shop.engine.name == "clickhouse" else 0.5,
    )
    again = shop.operation("record_query_history", days=30)
    assert "0 statements of 0 dbt commands recorded" in again.text
    assert len(recorded(shop)) == len(ours)
    # Whatever there is to record.
    sent = [[s for s in o.statements if len(s) > len("rollback")] for o in (first, again)]
    assert len(sent[0]) == len(sent[1]) < 8
    details = shop.sql("select details from ops.ops_actions where action = 'record_query_history'")
    assert sorted(json.loads(text)["statements"] for (text,) in details) == [0, len(ours)]
    for (text,) in details:
        told = datetime.strptime(json.loads(text)["complete_until"], "%Y-%m-%d %H:%M")
        assert abs(
            datetime.now(timezone.utc).replace(tzinfo=None) - latency(shop) - told
        ) < timedelta(minutes=3)


def test_of_a_run_all_statements_are_recorded_or_none(shop: Project) -> None:
    """So that what is measured of it is never a part. Later or with more days, it is all of them."""
    day, late = timedelta(days=1), latency(shop)
    first, texts = run(shop, day)
    [text] = [text for text in texts if of("a") in text and "create" in text.lower()][:1]

    def by(invocation: str) -> str:
        return text.replace(first, invocation)

    add_run(shop, "long ago", 5 * day)
    add_run(shop, "began too long ago", 3 * day - timedelta(minutes=10), minutes=30)
    add_run(shop, "young", late - timedelta(minutes=5), minutes=30)
    history = [
        *statements([by(first)], day, 1),
        *statements([by("long ago")], 5 * day, 2),
        # Of these two, one statement by itself could be recorded.
        *statements([by("began too long ago")], 3 * day - timedelta(minutes=10), 3),
        *statements([by("began too long ago")], 3 * day + timedelta(minutes=10), 4),
        *statements([by("young")], late + timedelta(minutes=10), 5),
        *statements([by("young")], late - timedelta(minutes=8), 6),
        # They have left no run: an operation, and what may be a run that is still going on.
        *statements([by("operation")], day + late + timedelta(minutes=5), 7),
        *statements([by("going on")], late + timedelta(minutes=30), 8),
    ]
    add(shop, history)
    shop.operation("record_query_history")
    assert recorded(shop) == ids(1, 7, project=shop)
    # A row that the engine brings late.
    add(shop, statements([by(first)], day, 9, failed=True))
    add_run(shop, "going on", late + timedelta(minutes=1))
    outcome = shop.operation("record_query_history", days=4)
    assert "4 statements of 3 dbt commands recorded" in outcome.text
    assert recorded(shop) == ids(1, 3, 4, 7, 8, 9, project=shop)
    assert recorded(shop, "status") == ["error"] + ["success"] * 5
    shop.sql("delete from ops.ops_runs where invocation_id = 'young'")
    add_run(shop, "young", late + timedelta(minutes=2), minutes=30)
    shop.operation("record_query_history", days=10)
    assert recorded(shop) == ids(1, 2, 3, 4, 5, 7, 8, 9, project=shop)


def test_what_is_billed_has_the_price_that_the_vars_say(shop: Project) -> None:
    day, engine = timedelta(days=1), shop.engine.name
    _, texts = run(shop, day)
    [a, b] = [
        next(text for text in texts if of(model) in text and "create" in text.lower())
        for model in ("a", "b")
    ]
    tib = float(1024**4)
    add(
        shop,
        [
            *statements([a], day, 1, amount=tib / 4 if engine == "bigquery" else 0.25),
            *statements([b], day, 2),
        ],
    )
    shop.vars(price_per_credit=3, price_per_tib=6.0, price_per_slot_hour=1800, price_per_hour=36)
    shop.operation("record_query_history")
    columns = "unique_id, cost, credits, bytes_billed, slot_ms, bytes_processed"
    assert (
        recorded(shop, columns)
        == {
            "snowflake": [
                ("model.shop.a", 0.75, 0.25, None, None, 4096),
                ("model.shop.b", None, None, None, None, 4096),
            ],
            # Bytes on demand, and slots in a reservation, where bytes are not billed.
            "bigquery": [
                ("model.shop.a", 1.5, None, int(tib / 4), 2000, 4096),
                ("model.shop.b", 1.0, None, None, 2000, 4096),
            ],
            "clickhouse": [
                ("model.shop.a", None, None, None, None, 4096),
                ("model.shop.b", None, None, None, None, 4096),
            ],
            "redshift": [
                ("model.shop.a", None, None, None, None, None),
                ("model.shop.b", None, None, None, None, None),
            ],
        }[engine]
    )
    costs = shop.sql("select unique_id, cost, basis from ops.ops_cost_by_model")
    costs = {unique_id: (cost, basis) for unique_id, cost, basis in costs}
    measured = {"snowflake": {"a": 0.75}, "bigquery": {"a": 1.5, "b": 1.0}}.get(engine, {})
    for model in ("a", "b"):
        expected = (measured[model], "measured") if model in measured else (None, None)
        assert costs[f"model.shop.{model}"] == expected


def test_a_long_statement_is_known_by_the_comment_at_either_end(shop: Project) -> None:
    """Redshift keeps a text in parts, of which too many fit into no value."""
    day = timedelta(days=1)
    _, texts = run(shop, day)
    text = next(text for text in texts if of("a") in text)
    [comment] = re.findall(r"/\* {.*?} \*/", text)
    filler = "select 'é; /* {} */ \\\\n' " * 400
    long = [f"{filler} {comment}", f"{comment} {filler}", f"{comment} {filler} /* }} */"]
    add(shop, statements(long, day, 1))
    shop.operation("record_query_history")
    assert recorded(shop, "query_id, unique_id") == [
        (id, "model.shop.a") for id in ids(1, 2, 3, project=shop)
    ]


def test_without_the_comment_it_says_how_statements_are_known(shop: Project) -> None:
    del shop.config["query-comment"]
    _, texts = run(shop, timedelta(days=1))
    add(shop, statements(texts, timedelta(days=1), 1))
    outcome = shop.operation("record_query_history")
    assert "0 statements" in outcome.text
    assert "query-comment: dbt_opsplugin.query_comment(node)" in outcome.text
    assert recorded(shop) == []


def test_before_the_first_run_it_makes_the_tables_but_not_as_a_dry_run(shop: Project) -> None:
    outcome = shop.operation("record_query_history", dry_run=True)
    assert "ops_query_history yet" in outcome.text.replace('"', "").replace("`", "")
    assert shop.relations("ops") == []
    shop.operation("record_query_history")
    assert recorded(shop) == []


@pytest.mark.not_on("clickhouse", "it is the engine itself that is asked")
def test_what_it_sends_is_sql_of_the_engine(shop: Project) -> None:
    """An emulator takes much that the engine would not."""
    run(shop, timedelta(days=1))
    since = len(sent_texts(shop))
    shop.vars(price_per_credit=3.5, price_per_tib=6)
    shop.operation("record_query_history")
    sent = [
        re.sub(r"\s*/\* {.*?} \*/\s*", "", text, flags=re.S).strip().rstrip(";")
        for text in sent_texts(shop)[since:]
    ]
    [insert] = [
        text for text in sent if text.startswith("insert into") and "query_history" in text[:80]
    ]
    assert_is_of(shop.engine.name, insert, [])


def test_without_the_right_to_read_nothing_is_recorded(shop: Project) -> None:
    run(shop, timedelta(days=1))
    for table in history_of(shop).views:
        shop.sql(f"drop table {table}")
    outcome = shop.operation("record_query_history", ok=False)
    assert "Database Error" in outcome.text
    assert recorded(shop) == []
    assert recorded_actions(shop) == []


def recorded_actions(project: Project) -> list[Any]:
    return project.sql(
        "select action_id from ops.ops_actions where action = 'record_query_history'"
    )


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(name, marks=getattr(pytest.mark, name))
        for name in ("snowflake", "clickhouse")
        if ENGINES[name].is_installed()
    ],
    indirect=True,
)
def test_the_tag_of_the_session_tells_where_the_comment_is_cut_off(shop: Project) -> None:
    """These histories have the first 100,000 characters. A comment counts more: a tag may be of the model before."""
    day = timedelta(days=1)
    _, texts = run(shop, day)
    tags = {}
    for model in ("a", "b"):
        text = next(text for text in texts if of(model) in text)
        [tags[model]] = re.findall(r"/\* ({.*?}) \*/", text)
    text = next(text for text in texts if of("a") in text)
    add(
        shop,
        [
            *statements(["create table x"], day, 1, tag=tags["a"]),
            *statements([text], day, 2, tag=tags["b"]),
            *statements(["create table x"], day, 3, tag='{"app": "other"}'),
            *statements(["create table x"], day, 4, tag="dbt_opsplugin_version"),
            *statements(
                ['create table x /* {"app": "dbt", "node_id": "z"} */'], day, 5, tag=tags["b"]
            ),
        ],
    )
    shop.operation("record_query_history")
    assert recorded(shop, "query_id, unique_id") == [
        ("q1", "model.shop.a"),
        ("q2", "model.shop.a"),
        ("q5", "model.shop.b"),
    ]
