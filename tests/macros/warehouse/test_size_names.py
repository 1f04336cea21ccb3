"""Sizes as run-operations, their names, and those that cannot be."""

from __future__ import annotations

import pytest
from projects import Project
from sized_project import resizes, settings, sized

pytestmark = pytest.mark.duckdb


@pytest.fixture
def shop(project: Project) -> Project:
    return sized(project)


def test_it_runs_as_an_operation(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big")
    assert settings(outcome) == ["set global memory_limit = '2GB'", "set global threads = 3"]
    assert "big (memory_limit 1.5 GiB, threads 2 -> memory_limit 2GB, threads 3)" in outcome.text
    assert [reason for _, reason, _ in resizes(shop)] == ["set_warehouse_size"]


def test_the_operation_says_when_the_size_already_holds(shop: Project) -> None:
    shop.vars(warehouse_sizes={"same": {"threads": 2}})
    assert "already same" in shop.operation("set_warehouse_size", size="same").text


def test_the_operation_refuses_outside_production(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big", target="dev", ok=False)
    assert "set_warehouse_size: target dev is not production: use a target named" in outcome.text
    assert settings(outcome) == []
    outcome = shop.operation("set_warehouse_size", size="big", target="dev", force=True)
    assert len(settings(outcome)) == 2


def test_a_reset_as_operation_says_that_there_is_nothing_to_reset(shop: Project) -> None:
    outcome = shop.operation("reset_warehouse_size", ok=False)
    assert "reset_warehouse_size: a run-operation is a run of its own" in outcome.text


def test_snowflakes_spellings_of_a_size_are_one_size(shop: Project) -> None:
    for size in ("X-LARGE", "XLARGE", "xlarge", "x_large", "X Large"):
        outcome = shop.operation("set_warehouse_size", size=size)
        assert settings(outcome)[0] == "set global threads = 16"
    assert {details["size"] for _, _, details in resizes(shop)} == {"X-LARGE"}


def test_a_size_of_the_project_replaces_one_of_the_package(shop: Project) -> None:
    shop.vars(warehouse_sizes={"medium": {"threads": 3}})
    outcome = shop.operation("set_warehouse_size", size="MEDIUM")
    assert settings(outcome) == ["set global threads = 3"]


def test_an_unknown_size_names_the_nearest_one(shop: Project) -> None:
    for size, nearest in (("MEDUIM", "MEDIUM"), ("BIGG", "big"), ("LRAGE", "LARGE"), (None, "")):
        outcome = shop.operation("set_warehouse_size", size=size, ok=False)
        problem = f"set_warehouse_size: size {size} is not known: did you mean {nearest}"
        assert problem in outcome.text
    assert "Sizes: X-SMALL, SMALL, MEDIUM, LARGE, X-LARGE, big, small" in outcome.text


def test_an_unknown_size_in_a_model_is_found_at_parse_in_any_target(shop: Project) -> None:
    shop.models(fct="{{ dbt_opsplugin.set_warehouse_size('MEDUIM') }} select 1 as id")
    outcome = shop.dbt("parse", target="dev", ok=False)
    assert "size MEDUIM is not known: did you mean MEDIUM?" in outcome.text


def test_a_size_of_another_engine_hinders_no_target_that_does_not_use_it(shop: Project) -> None:
    shop.vars(warehouse_sizes={"large": {"query_group": "etl"}})
    shop.models(fct="{{ dbt_opsplugin.set_warehouse_size('LARGE') }} select 1 as id")
    assert settings(shop.dbt("run", target="dev")) == []
    said = "query_group in opsplugin_warehouse_sizes: large is not a setting of a size"
    assert said in shop.dbt("run", ok=False).text
    shop.models(fct="{{ dbt_opsplugin.set_warehouse_size('LARGE', force=true) }} select 1 as id")
    assert said in shop.dbt("run", target="dev", ok=False).text


BAD = [
    ({"threads": 0}, "threads in {} is 0, not a number of threads: use 1 or more"),
    ({"threads": "4"}, 'threads in {} is "4", not a number of threads'),
    ({"threads": True}, "threads in {} is true, not a number of threads"),
    ({"threads": 1.5}, "threads in {} is 1.5, not a number of threads"),
    ({"memory_limit": 4}, "memory_limit in {} is 4, not an amount of memory"),
    ({"memory_limit": "80%"}, 'memory_limit in {} is "80%", not an amount of memory'),
    ({"memory_limit": "10KB"}, 'memory_limit in {} is "10KB", not an amount of memory'),
    ({"memory_limit": "4GB'; drop table x"}, 'is "4GB\'; drop table x", not an amount of memory'),
    ({"memory_limt": "4GB"}, "memory_limt in {} is not a setting of a size: did you mean memory_l"),
    ({}, "{} is {{}}, not a mapping of settings"),
    ("4GB", "{} is 4GB, not a mapping of settings"),
    (None, "{} is None, not a mapping of settings"),
]


def test_bad_settings_of_a_size_are_refused_before_anything_is_changed(shop: Project) -> None:
    sizes = {f"bad{number}": settings for number, (settings, _) in enumerate(BAD)}
    shop.vars(warehouse_sizes={**sizes, 4: {"threads": 3}})
    assert settings(shop.operation("set_warehouse_size", size=4)) == ["set global threads = 3"]
    for number, (_, problem) in enumerate(BAD):
        outcome = shop.operation("set_warehouse_size", size=f"bad{number}", ok=False)
        assert problem.format(f"opsplugin_warehouse_sizes: bad{number}") in outcome.text
        assert settings(outcome) == []
    assert len(resizes(shop)) == 1


def test_an_unknown_argument_names_the_nearest_one(shop: Project) -> None:
    outcome = shop.operation("set_warehouse_size", size="big", forse=True, ok=False)
    assert "set_warehouse_size: no argument forse: did you mean force?" in outcome.text
    outcome = shop.operation("set_warehouse_size", size="big", force="yes", ok=False)
    assert 'set_warehouse_size: force is "yes", not true or false' in outcome.text
