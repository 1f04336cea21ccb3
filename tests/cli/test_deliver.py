"""dbt-ops deliver: what it says of runs that it leaves waiting."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys

import pytest
from projects import REPOSITORY, Project

from dbt_opsplugin.journal import SUFFIX


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a production run that could not be delivered."""
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    project.models(good="select 1 as id")
    project.sql("create schema ops; create view ops.ops_results as select 1 as x")
    project.dbt("run")
    project.sql("drop view ops.ops_results")
    return project


def deliver(shop: Project, *arguments: str, code: int = 0) -> str:
    shop.write_config()
    command = [sys.executable, "-m", "dbt_opsplugin.cli", "deliver", "--profiles-dir", "."]
    result = subprocess.run(
        [*command, *arguments], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stderr
    return result.stdout


def test_a_run_of_another_target_is_said_to_be_of_that_target(shop: Project) -> None:
    assert deliver(shop, "--target", "dev") == (
        "0 delivered, 1 waiting in .dbt_opsplugin\n"
        "1 of project shop, target prod: pass --target prod\n"
    )
    assert json.loads(deliver(shop, "--target", "dev", "--format", "json")) == {
        "delivered": 0,
        "waiting": 1,
        "places": [{"project": "shop", "target": "prod", "waiting": 1}],
    }
    assert deliver(shop, "--target", "prod") == "1 delivered, 0 waiting in .dbt_opsplugin\n"


def test_a_run_of_another_project_is_said_to_be_of_that_project(shop: Project) -> None:
    [journal] = (shop.root / ".dbt_opsplugin").glob("*.jsonl")
    journal.write_text(journal.read_text().replace('"project_name": "shop"', '"project_name": "z"'))
    assert deliver(shop).splitlines()[1:] == [
        "1 of project z, target prod: pass --target prod and --project-dir, the folder of that project"
    ]


def test_a_run_of_a_target_that_records_no_more_is_said_to_be_one(shop: Project) -> None:
    shop.vars(prod_targets=["live"])
    assert deliver(shop).splitlines()[1:] == [
        "1 of project shop, target prod: of another database, or nothing is recorded here now"
        " (see dbt-ops doctor)"
    ]


def test_a_run_at_work_is_said_to_be(shop: Project) -> None:
    [journal] = (shop.root / ".dbt_opsplugin").glob("*.jsonl")
    with journal.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert deliver(shop).splitlines()[1:] == ["1 at work, or not yours to write"]


def test_a_journal_that_cannot_be_read_does_not_keep_others_waiting(shop: Project) -> None:
    [journal] = (shop.root / ".dbt_opsplugin").glob("*.jsonl")
    damaged = journal.with_name(f"damaged{SUFFIX}")
    damaged.write_text(journal.read_text() + '{"kind": "result", "at": "", "row": {}}\n')
    assert deliver(shop, code=1) == "1 delivered, 1 waiting in .dbt_opsplugin\n"
