"""record_query_history where there is no history, or nothing to be recorded. What it records is in
tests/emulators."""

from __future__ import annotations

from typing import Any

import pytest
from projects import Project

HAS_ONE = "keeps a history"


@pytest.mark.not_on("bigquery", HAS_ONE)
@pytest.mark.not_on("clickhouse", HAS_ONE)
@pytest.mark.not_on("redshift", HAS_ONE)
@pytest.mark.not_on("snowflake", HAS_ONE)
def test_an_engine_without_history_is_refused_by_name_before_anything_is_made(
    project: Project,
) -> None:
    outcome = project.operation("record_query_history", ok=False)
    said = f"{project.engine.adapter} keeps no history of statements that SQL can read: set"
    assert f"dbt_opsplugin.record_query_history: {said} opsplugin_queries: true" in outcome.text
    assert project.relations("ops") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"days": "3"}, "days is 3, not a whole number of days"),
        ({"days": 0}, "days is 0, not a whole number of days"),
        ({"days": True}, "days is True, not a whole number of days"),
        ({"days": 1.5}, "days is 1.5, not a whole number of days"),
        ({"dry_run": "yes"}, 'dry_run is "yes", not true or false'),
        ({"day": 3}, "no argument day: did you mean days?"),
    ],
)
def test_a_bad_argument_is_refused(project: Project, arguments: dict[str, Any], said: str) -> None:
    outcome = project.operation("record_query_history", ok=False, **arguments)
    assert f"dbt_opsplugin.record_query_history: {said}" in outcome.text
    assert project.relations("ops") == []


def test_a_target_that_records_nothing_is_refused(project: Project) -> None:
    outcome = project.operation("record_query_history", ok=False, target="dev")
    assert "target dev records nothing: use a target named in" in outcome.text
    assert "opsplugin_enabled: true" in outcome.text


@pytest.mark.parametrize("name", ["price_per_credit", "price_per_tib", "price_per_slot_hour"])
def test_a_price_that_is_none_is_refused(project: Project, name: str) -> None:
    project.vars(**{name: "3 EUR"})
    outcome = project.operation("record_query_history", ok=False)
    assert f'opsplugin_{name} is "3 EUR", not a number of zero or more' in outcome.text
