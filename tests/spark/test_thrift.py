"""What is of a Spark that dbt asks over the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engines import Thrift
from engines.spark import SPARK_SETTINGS
from projects import Project
from runs_at_once import assert_all_is_recorded, run_at_once

pytestmark = [
    pytest.mark.thrift,
    pytest.mark.skipif(not Thrift.is_installed(), reason="takes Spark, PyHive and a Java"),
]
PARTITIONS = SPARK_SETTINGS[0]


@pytest.fixture
def engine(spark_thrift: Any) -> Thrift:
    return Thrift(spark_thrift)


def test_four_runs_at_once_lose_and_double_nothing(engine: Thrift, tmp_path: Path) -> None:
    project = run_at_once(engine, tmp_path, 4, "select {i} as id")
    assert_all_is_recorded(project, 4)


def test_a_size_ends_with_the_session_of_its_model(project: Project) -> None:
    project.models(
        a="{{ config(pre_hook='{{ dbt_opsplugin.set_warehouse_size(\"LARGE\") }}') }} select 1 as id",
        b="select * from {{ ref('a') }}",
    )
    outcome = project.dbt("run")
    assert len([s for s in outcome.statements if f"set {PARTITIONS} = 800" in s]) == 1
    resizes = project.sql(
        "select unique_id, reason from ops.ops_actions where action = 'set_warehouse_size'"
        " and status = 'success'"
    )
    assert resizes == [("model.shop.a", "set_warehouse_size")]
