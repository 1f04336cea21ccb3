"""DuckDB shows an amount of memory cut to a tenth: the package must predict how, and put back what
is shown the same."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from projects import Macros, Project, open_macros
from sized_project import hook

pytestmark = pytest.mark.duckdb

NUMBERS = ["64", "77.7", "99.95", "100", "112.4", "999", "999.99", "1000", "1023.9", "1024", "1536"]
AMOUNTS = [
    *(number + unit for number in NUMBERS for unit in ("MB", "GB", "MiB", "GiB", " gb", "mib")),
    *("1.5GB", "4GB", "7.7 GiB", "12.4GiB", "1TB", "2.5TiB", "2000TB", "4096TiB"),
]
UNITS = ["MiB", "GiB", "TiB", "PiB"]
SHOWN = [
    *(f"{whole}.{tenth} {unit}" for whole in (1, 18, 999) for tenth in range(10) for unit in UNITS),
    *("1023.9 KiB", "900.0 KiB", "1023.9 MiB", "1023.9 TiB", "16383.9 PiB"),
]


def shown(amount: str) -> str:
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{amount}'")
        return connection.execute("select current_setting('memory_limit')").fetchall()[0][0]


@pytest.fixture
def macros(project: Project) -> Iterator[Macros]:
    with open_macros(project) as opened:
        yield opened


def test_an_amount_of_memory_is_predicted_as_duckdb_shows_it(macros: Macros) -> None:
    predicted = {amount: macros("_duckdb_memory_text", value=amount) for amount in AMOUNTS}
    assert predicted == {amount: shown(amount) for amount in AMOUNTS}


def test_what_duckdb_shows_is_put_back_as_what_it_shows_the_same(macros: Macros) -> None:
    amounts = {text: macros("_duckdb_memory_amount", value=text) for text in SHOWN}
    assert {text: shown(amount) for text, amount in amounts.items()} == {t: t for t in SHOWN}
    for text, amount in amounts.items():
        assert macros("_duckdb_memory_text", value=amount) == text


@pytest.mark.parametrize("amount", ["1.5GiB", "1536MiB", "4GB", "-1"])
def test_what_a_user_has_set_is_set_as_it_is(macros: Macros, amount: str) -> None:
    assert macros("_duckdb_memory_amount", value=amount) == amount


@pytest.mark.parametrize(
    ("limit", "python_half"), [("4GB", "on"), ("18.85GiB", "on"), ("2000TB", "on"), ("4GB", "off")]
)
def test_any_number_of_models_leaves_the_memory_limit_as_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch, limit: str, python_half: str
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", python_half)
    project.outputs["prod"].update(threads=1, config_options={"threads": 2, "memory_limit": limit})
    if python_half == "on":
        config = "{{ config(meta={'opsplugin': {'warehouse_size': 'SMALL'}}) }}"
    else:
        project.config["models"]["shop"].update(
            {
                "+pre-hook": hook("set_warehouse_size('SMALL')"),
                "+post-hook": hook("reset_warehouse_size()"),
            }
        )
        config = ""
    seen = "select current_setting('memory_limit') as memory"
    project.models(**{f"m{number}": f"{config} {seen}" for number in range(4)})
    project.config["on-run-end"] = f"create or replace table after_models as {seen}"
    for _ in range(2):
        assert "dbt_opsplugin:" not in project.dbt("run").text
        assert project.sql("from m3") == [("1.8 GiB",)]
        assert project.sql("from after_models") == [(shown(limit),)]
