"""The engines and projects that tests ask for, and on which engines a test runs."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engines import ENGINES, DuckDB, Engine
from engines.postgres import postgres_server
from engines.process import emulator
from engines.spark import iceberg_settings, spark_session, thrift_server
from projects import REPOSITORY, Macros, Project, make_project, open_macros
from shared_parse import find_callers_quickly, parse_what_is_needed, share_parses
from support_table import Outcomes


@pytest.fixture(scope="session")
def postgres_host() -> Iterator[str]:
    with postgres_server() as host:
        yield host


@pytest.fixture(scope="session")
def redshift_server(postgres_host: str) -> Iterator[tuple[int, str, Path]]:
    """The port of its proxy, the folder of its Postgres, and the log of its statements."""
    with emulator("redshift_server.py", postgres_host) as (port, file):
        yield port, postgres_host, file.with_name(file.name + ".statements")


@pytest.fixture(scope="session")
def snowflake_port() -> Iterator[int]:
    with emulator("snowflake_server.py") as (port, _):
        yield port


@pytest.fixture(scope="session")
def bigquery_port() -> Iterator[int]:
    with emulator("bigquery_server.py") as (port, _):
        yield port


@pytest.fixture(scope="session")
def clickhouse_port() -> Iterator[int]:
    with emulator("clickhouse_server.py") as (port, _):
        yield port


@pytest.fixture(scope="session")
def warm_spark() -> Iterator[Any]:
    with spark_session() as session:
        yield session


@pytest.fixture(scope="session")
def spark_thrift(warm_spark: Any) -> Iterator[tuple[Any, int]]:
    with thrift_server(warm_spark) as port:
        yield warm_spark, port


@pytest.fixture(scope="session")
def warm_iceberg() -> Iterator[Any]:
    with spark_session(iceberg_settings()) as session:
        yield session


def make_engine(request: pytest.FixtureRequest) -> Engine:
    kind = ENGINES[getattr(request, "param", DuckDB.name)]
    return kind(request.getfixturevalue(kind.resource)) if kind.resource else kind()


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Engine:
    """DuckDB, and for the tests of the macros every other engine that is installed."""
    return make_engine(request)


@pytest.fixture(scope="module")
def module_engine(request: pytest.FixtureRequest) -> Engine:
    return make_engine(request)


@pytest.fixture(scope="module")
def module_macros(
    tmp_path_factory: pytest.TempPathFactory, module_engine: Engine
) -> Iterator[Macros]:
    """The macros with their tables, for all tests of a module."""
    with open_macros(make_project(tmp_path_factory.mktemp("macros"), module_engine)) as macros:
        macros("_ensure_ops_tables")
        yield macros


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The tests of the macros are one behaviour on every engine, of which the slow ones run few."""
    fixture = next((f for f in ("engine", "module_engine") if f in metafunc.fixturenames), None)
    if fixture is None or "macros" not in metafunc.definition.path.parts:
        return
    runs_slow = metafunc.config.getoption("--all-engines") or (
        metafunc.definition.get_closest_marker("slow_engines")
    )
    engines = [
        pytest.param(name, marks=[] if kind is DuckDB else [getattr(pytest.mark, name)])
        for name, kind in ENGINES.items()
        if kind.is_installed() and (runs_slow or not kind.is_slow)
    ]
    scope = "module" if fixture == "module_engine" else "function"
    metafunc.parametrize(fixture, engines, indirect=True, scope=scope)


def pytest_collection_finish() -> None:
    """What has been imported stays, and dbt keeps nearly all that it makes until a command ends: Python
    need not look for garbage in it again and again, which took a tenth of a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked `duckdb`, as a whole or in one of its parameters, is of DuckDB alone. By marks: the
    keywords hold the names of folders too."""
    others = [name for name in ENGINES if name != DuckDB.name]

    def holds(item: pytest.Item) -> bool:
        engine = next((name for name in others if item.get_closest_marker(name)), DuckDB.name)
        if item.get_closest_marker("duckdb"):
            return engine == DuckDB.name
        excluded = {mark.args[0] for mark in item.iter_markers("not_on")}
        return excluded.isdisjoint({engine, ENGINES[engine].adapter})

    items[:] = [item for item in items if holds(item)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Project:
    """An empty project whose production target is `prod`; the working directory is its own."""
    project = make_project(tmp_path, engine)
    monkeypatch.chdir(project.root)
    for name in ("GITHUB_RUN_ID", "CI_PIPELINE_ID"):
        monkeypatch.delenv(name, raising=False)
    return project


@pytest.fixture
def both_halves(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project with the Python half, and one thread: nodes run in a known order."""
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    project.outputs["prod"]["threads"] = 1
    return project


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-engines",
        action="store_true",
        help="every shared test on every engine; by default the slow ones run a part of them",
    )
    parser.addoption("--support-outcomes", type=Path, help="a folder for what make support gathers")


def pytest_configure(config: pytest.Config) -> None:
    share_parses()
    parse_what_is_needed()
    find_callers_quickly()
    config.addinivalue_line("markers", "slow: takes minutes; leave out by -m 'not slow'")
    if hasattr(config, "workerinput"):
        return
    # Of several processes, the one that gathers the reports of all.
    folder = config.getoption("--support-outcomes")
    if folder is not None:
        config.pluginmanager.register(Outcomes(folder))
    if "PYTEST_FAILURES" in os.environ:
        config.pluginmanager.register(Failures(Path(os.environ["PYTEST_FAILURES"])))


class Failures:
    """A file to which each failure adds its name and message, for what runs pytest more than once."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._add(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._add(report)

    def _add(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            with self._file.open("a") as file:
                file.write(f"{report.nodeid}\n{message[:1500]}\n\n")
