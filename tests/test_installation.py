"""The package as users get it: by git, by a local folder, and in the consumer project."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from projects import REPOSITORY, Outcome, Project

import dbt_opsplugin


def test_every_place_that_names_the_version_names_the_same() -> None:
    project = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text())
    pyproject = (REPOSITORY / "pyproject.toml").read_text()
    macros = "".join(file.read_text() for file in (REPOSITORY / "macros").rglob("*.sql"))
    assert {
        "dbt_project.yml": project["version"],
        "pyproject.toml": re.findall(r'^version = "(.+)"$', pyproject, re.M),
        "dbt_opsplugin.__version__": dbt_opsplugin.__version__,
        "macro package_version": re.findall(
            r"macro package_version\(\) %\}.*?return\('([^']+)'\)", macros, re.S
        ),
    } == {
        "dbt_project.yml": project["version"],
        "pyproject.toml": [project["version"]],
        "dbt_opsplugin.__version__": project["version"],
        "macro package_version": [project["version"]],
    }


@pytest.mark.smoke
def test_a_release_installs_through_git(project: Project, tmp_path: Path) -> None:
    """Of what stands here, however this was checked out."""
    bare = tmp_path / "dbt-opsplugin.git"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "--git-dir", str(bare)]
    for command in (
        ["init", "--quiet"],
        ["--work-tree", str(REPOSITORY), "add", "--all"],
        ["--work-tree", str(REPOSITORY), "commit", "--quiet", "--message", "v-test"],
        ["tag", "v-test"],
    ):
        subprocess.run([*git, *command], check=True, cwd=REPOSITORY)
    shutil.rmtree(project.root / "dbt_packages")
    project.write("packages.yml", f'packages: [{{git: "file://{bare}", revision: v-test}}]\n')
    project.models(stg_a="select 1 as id", fct_a="select * from {{ ref('stg_a') }}")

    installed = project.dbt("deps")
    assert (project.root / "dbt_packages/dbt_opsplugin/macros").is_dir()
    assert not (project.root / "dbt_packages/dbt_opsplugin").is_symlink()
    built = project.dbt("build")
    assert project.sql("select command, status, node_count from ops.ops_runs") == [
        ("build", "success", 2)
    ]
    assert project.relations() == ["fct_a", "stg_a"]
    dropped = project.operation("drop_stg_tables")
    assert project.relations() == ["fct_a"]
    assert [warnings(outcome) for outcome in (installed, built, dropped)] == [[], [], []]


class Consumer:
    """A copy of integration_tests below a copy of the package, so that `local: ../` is it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("dbt_project.yml", "macros", "models"):
            copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
            copy(REPOSITORY / name, folder / name)
        self.root = folder / "integration_tests"
        shutil.copytree(
            REPOSITORY / "integration_tests",
            self.root,
            ignore=shutil.ignore_patterns("data", "logs", "target", "dbt_packages", ".*"),
        )
        (self.root / "data" / "query_log").mkdir(parents=True)
        monkeypatch.chdir(self.root)
        monkeypatch.syspath_prepend(str(self.root))
        monkeypatch.setenv("FLIGHTS_DUCKDB", "data/flights.duckdb")
        monkeypatch.setenv("FLIGHTS_QUERY_LOG", "data/query_log")

    def load(self, **options: int | str) -> None:
        import load_data

        load_data.load(Path("data/flights.duckdb"), **options)

    def dbt(self, *command: str) -> Outcome:
        events: list[object] = []
        folders = ["--project-dir", ".", "--profiles-dir", "."]
        try:
            result = dbtRunner(callbacks=[events.append]).invoke([*command, *folders])
        finally:
            DuckDBConnectionManager.close_all_connections()
        outcome = Outcome(result, events)
        assert outcome.success, outcome.text
        assert warnings(outcome) == []
        return outcome

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with duckdb.connect("data/flights.duckdb") as connection:
            return connection.execute(statement).fetchall()

    def staging(self, schema: str) -> set[object]:
        return {
            name
            for (name,) in self.sql(
                "select table_name from information_schema.tables "
                f"where table_schema = '{schema}' and table_name like 'stg@_%' escape '@'"
            )
        }


def warnings(outcome: Outcome) -> list[str]:
    return [event.info.msg for event in outcome.events if event.info.level == "warn"]


@pytest.fixture
def consumer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Consumer:
    return Consumer(tmp_path, monkeypatch)


def test_the_consumer_project_runs_in_production(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer.load(limit=3000, through="2013-11-30")
    consumer.dbt("deps")
    consumer.dbt("build", "--target", "prod")
    consumer.load(limit=3000)
    consumer.dbt("build", "--target", "prod")

    assert consumer.staging("staging") == {"stg_airports", "stg_weather"}
    assert consumer.sql("select count(*) > 1 from marts.airport_directory") == [(True,)]
    assert consumer.sql("select command, status from ops.ops_runs") == [("build", "success")] * 2
    assert consumer.sql(
        "select action, count(*) from ops.ops_actions where action = 'drop' group by action"
    ) == [("drop", 4)]
    metrics = dict(
        consumer.sql(
            "select metric, value from ops.ops_row_counts where unique_id like '%.fct_flights'"
        )
    )
    [[facts, cancelled]] = consumer.sql(
        "select count(*), count(*) filter (where is_cancelled) from marts.fct_flights"
    )
    assert facts == 3000
    assert (metrics["row_count"], metrics["cancelled_flights"]) == (facts, cancelled)
    assert set(metrics) == {
        "row_count",
        "cancelled_flights",
        "mean_arrival_delay_minutes",
        "planes",
    }

    capsys.readouterr()
    import demo

    demo.main()
    printed = capsys.readouterr().out
    assert " tagged\n" in printed
    assert "not tagged" not in printed
    assert re.search(r"flights\.staging\.stg_flights +table +3,000 +", printed)
    assert re.search(r"staging\.stg_airports +view +\S+airport_directory reads it", printed)


def test_the_consumer_project_leaves_nothing_special_in_development(consumer: Consumer) -> None:
    consumer.load(limit=500)
    consumer.dbt("deps")
    consumer.dbt("build", "--target", "dev")
    assert consumer.staging("dev") == {
        "stg_airlines",
        "stg_airports",
        "stg_flights",
        "stg_planes",
        "stg_weather",
    }
    assert consumer.sql("select count(*) from duckdb_tables() where schema_name = 'ops'") == [(0,)]
