"""`dbt retry` beside the Python half: recorded as what it repeats, where it repeats it."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from projects import Project
from recorded_project import (
    journals,
    with_recorder,
)

NO_RETRY = pytest.mark.skipif(version("dbt-core").startswith("1.8."), reason="left to the macros")


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return with_recorder(project, monkeypatch)


@NO_RETRY
def test_a_retry_is_recorded_in_the_target_of_what_it_repeats(shop: Project) -> None:
    """Whatever target dbt has by default: a retry takes that of the run before it."""
    fct = next(shop.root.glob("models/**/fct.sql"))
    text = fct.read_text()
    fct.write_text("select * from not_there, {{ ref('stg_a') }}")
    shop.dbt("build", ok=False)
    fct.write_text(text)
    outcome = shop.dbt("retry", target="dev")
    assert "dbt_opsplugin: " not in outcome.text
    assert shop.sql(
        "select command, retry, status, target_name, parse_time > 0, cpu_time > 0 from ops.ops_runs"
        " order by started_at"
    ) == [
        ("build", False, "error", "prod", True, True),
        ("build", True, "success", "prod", True, True),
    ]
    nothing = shop.dbt("retry")
    assert "dbt_opsplugin: " not in nothing.text
    assert shop.sql("select retry, node_count from ops.ops_latest_runs") == [(True, 2)]
    assert journals(shop) == []


def test_a_retry_of_a_target_that_is_not_recorded_leaves_nothing(shop: Project) -> None:
    fct = next(shop.root.glob("models/**/fct.sql"))
    text = fct.read_text()
    fct.write_text("select * from not_there, {{ ref('stg_a') }}")
    shop.dbt("build", ok=False, target="dev")
    fct.write_text(text)
    outcome = shop.dbt("retry")
    assert "dbt_opsplugin: " not in outcome.text
    assert shop.relations("ops") == []
    assert journals(shop) == []


@NO_RETRY
def test_a_retry_goes_by_the_vars_of_what_it_repeats(shop: Project) -> None:
    off = "{opsplugin_enabled: false, bad: not_there}"
    fct = next(shop.root.glob("models/**/fct.sql"))
    fct.write_text("select * from {{ ref('stg_a') }} {{ ', ' ~ var('bad') if var('bad', none) }}")
    shop.dbt("build", "--vars", off, ok=False)
    shop.dbt("retry", ok=False)
    assert shop.relations("ops") == []
    assert not (shop.root / ".dbt_opsplugin").exists()


def test_what_is_not_recorded_is_not_as_a_retry_either(shop: Project) -> None:
    """An operation, and what cannot be parsed: of which target it is, nobody knows."""
    shop.dbt("build")
    shop.write("macros/boom.sql", "{% macro boom() %}{% do run_query('nonsense') %}{% endmacro %}")
    shop.operation("boom", ok=False)
    shop.dbt("retry", ok=False)
    shop.dbt("run", "--select", "fct", "--vars", "{broken: nonsense}", target="dev", ok=False)
    shop.write("models/wrong.sql", "{{ ref('nothing') }}")
    shop.dbt("retry", ok=False)
    assert shop.column("select command from ops.ops_runs") == ["build"]
    assert journals(shop) == []
    (shop.root / "models" / "wrong.sql").unlink()
    assert "dropped" in shop.operation("drop_stg_tables").text


@NO_RETRY
def test_a_retry_with_nothing_to_do_is_of_the_target_that_it_repeats(shop: Project) -> None:
    shop.dbt("build")
    shop.dbt("retry", target="dev")
    assert shop.sql(
        "select command, retry, target_name, threads, node_count from ops.ops_runs where retry"
    ) == [("build", True, "prod", 1, 0)]
