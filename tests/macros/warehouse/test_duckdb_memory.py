"""DuckDB shows an amount of memory rounded: the package must predict how."""

from __future__ import annotations

import json

import duckdb
import pytest
from projects import Project

pytestmark = pytest.mark.duckdb

NUMBERS = ["64", "77.7", "99.95", "100", "112.4", "999", "999.99", "1000", "1023.9", "1024", "1536"]
AMOUNTS = [
    *(number + unit for number in NUMBERS for unit in ("MB", "GB", "MiB", "GiB", " gb", "mib")),
    *("1.5GB", "4GB", "7.7 GiB", "12.4GiB", "1TB", "2.5TiB"),
]


def shown(amount: str) -> str:
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{amount}'")
        return connection.execute("select current_setting('memory_limit')").fetchall()[0][0]


def test_an_amount_of_memory_is_predicted_as_duckdb_shows_it(project: Project) -> None:
    project.write(
        "macros/predict.sql",
        """
        {% macro predict(amounts) %}
            {% set shown = {} %}
            {% for amount in amounts %}
                {% do shown.update({amount: dbt_opsplugin._duckdb_memory_text(amount)}) %}
            {% endfor %}
            {{ print('PREDICTED ' ~ tojson(shown)) }}
        {% endmacro %}
        """,
    )
    outcome = project.operation("predict", amounts=AMOUNTS)
    line = next(t for t in outcome.text.splitlines() if t.startswith("PREDICTED "))
    predicted = json.loads(line.removeprefix("PREDICTED "))
    assert predicted == {amount: shown(amount) for amount in AMOUNTS}
