"""A project with both halves, whose processes a test may stop."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import REPOSITORY, Project

SLOW = "select count(*) as n from range(100000000000) t(i) where i % 7 = 3"


def with_recorder(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    project.outputs["prod"]["threads"] = 1
    project.models(
        stg_a="{{ config(tags=['t'], meta={'owner': 'Ann'}) }} select 1 as id",
        stg_b="select 1 as id",
        fct="{{ config(post_hook='{{ dbt_opsplugin.log_model_metrics() }}') }}"
        " select * from {{ ref('stg_a') }} join {{ ref('stg_b') }} using (id)",
    )
    project.write(
        "models/schema.yml",
        "models: [{name: fct, columns: [{name: id, data_tests: [not_null]}]}]",
    )
    return project


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        output, _ = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, output


def journals(shop: Project) -> list[Path]:
    return sorted((shop.root / ".dbt_opsplugin").glob("*.jsonl"))


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"dbt ended: {process.communicate()[0]}")
        assert time.monotonic() < deadline
        time.sleep(0.005)


def recorded(shop: Project, text: str) -> Callable[[], bool]:
    return lambda: any(text in file.read_text() for file in journals(shop))


def told(shop: Project, kind: str, name: str) -> Callable[[], bool]:
    """Whether a journal has the `start` or the `result` of a model."""
    pattern = re.compile(rf'^{{"kind": "{kind}", .*"unique_id": "model\.shop\.{name}"', re.M)
    return lambda: any(pattern.search(file.read_text()) for file in journals(shop))


def block(shop: Project) -> None:
    """Puts a view where an ops table would be: nothing can be delivered."""
    shop.sql("create schema if not exists ops; create view ops.ops_results as select 1 as x")


def unblock(shop: Project) -> None:
    shop.sql("drop view ops.ops_results")


def statuses(shop: Project) -> list[tuple[str, str]]:
    """(node, status) of all runs but the newest, hooks aside."""
    return sorted(
        shop.sql(
            "select name, status from ops.ops_results where resource_type <> 'operation' and"
            " invocation_id <> (select arg_max(invocation_id, started_at) from ops.ops_runs)"
        )
    )
