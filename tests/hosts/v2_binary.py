"""The real dbt v2 (Rust) on DuckDB, from the package index alone, and projects that run on it.

The wheel of dbt-core 2 holds one binary. It opens DuckDB through `libduckdb.so`, which it would
fetch from a server of its own; here the engine inside the Python package `duckdb` takes that
place, so that both dbt versions run on one engine. That file is a Python extension, hence
`libpython` is loaded before it. Nothing is fetched when dbt runs: the binary opens no socket.

The tests ask for it by `DBT_V2`, a folder that keeps what was installed (`tox -e v2` sets it).
A pytest plugin, and not named dbt_*: dbt Core imports every module so named on every command."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from projects import Outcome, Project

VERSION = "2.0.0a4"
TIMEOUT_SECONDS = 120

TABLES = [
    "ops_actions",
    "ops_metrics",
    "ops_nodes",
    "ops_queries",
    "ops_results",
    "ops_runs",
]
#: Text that has broken statements, comments, JSON and Jinja.
NASTY = 'it\'s "x" \\ \\u0000 $$ {{ y }} {% z %} */ /* -- 😀\nsecond line'

Row = dict[str, Any]


class Unavailable(Exception):
    """dbt v2 cannot run here; the message says why."""


@dataclass(frozen=True)
class Binary:
    path: Path
    environment: dict[str, str]

    def run(self, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.path), *args],
            cwd=cwd,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )


def provide(cache: Path, home: Path) -> Binary:
    """Installs dbt v2 below `cache`, once, and returns it with the environment to run it in.

    Raises Unavailable."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Unavailable(f"the set-up is for linux x86_64, this is {platform.platform()}")
    python_library = find_python_library()
    folder = cache / f"dbt-core-{VERSION}"
    with lock(cache / "lock"):
        if not (folder / "bin" / "dbt").exists():
            install(folder)
        engine = find_engine()
        library = folder / "lib" / engine.name / "libduckdb.so"
        if not library.exists() or library.stat().st_size != engine.stat().st_size:
            library.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(engine, library)
    return Binary(
        folder / "bin" / "dbt",
        {
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "LD_LIBRARY_PATH": str(library.parent),
            "LD_PRELOAD": str(python_library),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
            "RUST_BACKTRACE": "0",
        },
    )


def install(folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    done = subprocess.run(
        [*command, "--target", str(partial), f"dbt-core=={VERSION}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["pip said nothing"]
        raise Unavailable(f"pip could not install dbt-core=={VERSION}: {lines[-1]}")
    partial.rename(folder)


def find_engine() -> Path:
    """The DuckDB engine inside the Python package."""
    for name in ("_duckdb", "duckdb.duckdb"):
        try:
            spec = find_spec(name)
        except ModuleNotFoundError:
            continue
        if spec and spec.origin and spec.origin.endswith(".so"):
            return Path(spec.origin)
    raise Unavailable("the Python package duckdb has no shared library")


def find_python_library() -> Path:
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    folders = [sysconfig.get_config_var("LIBDIR"), f"{sys.base_prefix}/lib"]
    multiarch = sysconfig.get_config_var("MULTIARCH")
    for folder in [*folders, f"/usr/lib/{multiarch}", f"/lib/{multiarch}", "/usr/lib64"]:
        if folder and Path(folder, name).exists():
            return Path(folder, name)
    raise Unavailable(f"this Python has no {name}, which the DuckDB engine needs beside dbt v2")


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """One process at a time: pytest-xdist starts several."""
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class V2Project(Project):
    """A project that is run by dbt v2, with the interface of the one that dbt Core runs."""

    #: What a fixture did before its tests.
    built: Outcome

    def __init__(self, root: Path, binary: Binary) -> None:
        super().__init__(root)
        self.binary = binary
        # v2 installs local packages by itself, as links, and empties the folder for them.
        self.config["packages-install-path"] = "v2_packages"
        self.write("packages.yml", self.packages)

    def dbt(self, *args: str, target: str = "prod", ok: bool | None = True) -> Outcome:
        self.write("dbt_project.yml", yaml.safe_dump(self.config))
        # What dbt-duckdb calls config_options, v2 calls settings.
        outputs = {
            name: {
                {"config_options": "settings"}.get(key, key): value for key, value in out.items()
            }
            for name, out in self.outputs.items()
        }
        profile = {"shop": {"target": "prod", "outputs": outputs}}
        self.write("profiles.yml", yaml.safe_dump(profile))
        log = self.root / "logs" / "query_log.sql"
        log.unlink(missing_ok=True)
        done = self.binary.run(
            *args, "--profiles-dir", ".", "--target", target, "--log-format", "json", cwd=self.root
        )
        lines = done.stdout.splitlines()
        events = [json.loads(line, object_hook=as_object) for line in lines if line.startswith("{")]
        events += queries(log.read_text() if log.exists() else "")
        error = "\n".join([*(line for line in lines if not line.startswith("{")), done.stderr])
        result = SimpleNamespace(success=done.returncode == 0, exception=error, result=None)
        outcome = Outcome(result, events)
        if ok is not None:
            assert outcome.success is ok, outcome.text
        return outcome

    def operation(
        self, name: str, ok: bool | None = True, target: str = "prod", **args: Any
    ) -> Outcome:
        # JSON: v2 takes no line break in --args.
        return self.dbt("run-operation", name, "--args", json.dumps(args), target=target, ok=ok)


def as_object(fields: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(**fields)


def queries(log: str) -> Iterator[SimpleNamespace]:
    """The statements in v2's log of them, as the events by which dbt Core tells of a statement."""
    for entry in re.split(r"^-- created_at: .*\n", log, flags=re.M)[1:]:
        head = re.match(r"(?:-- .*\n)+", entry)
        assert head, entry
        node = re.search(r"^-- node_id: (.*)$", head[0], re.M)
        sql = entry[head.end() :].strip().rstrip(";")
        yield as_object(
            {
                "info": as_object({"name": "SQLQuery", "level": "debug", "msg": sql}),
                "data": as_object(
                    {"sql": sql, "node_info": as_object({"unique_id": node[1] if node else ""})}
                ),
            }
        )


@pytest.fixture(scope="session")
def dbt_v2(tmp_path_factory: pytest.TempPathFactory) -> Binary:
    """dbt v2, installed once into the folder that DBT_V2 names."""
    folder = os.environ.get("DBT_V2")
    if not folder:
        pytest.skip("set DBT_V2 to a folder to install dbt v2 into, or run tox -e v2")
    try:
        return provide(Path(folder), tmp_path_factory.mktemp("home"))
    except Unavailable as error:
        pytest.skip(f"no dbt v2: {error}")


@pytest.fixture(scope="session")
def make_v2(dbt_v2: Binary) -> Callable[[Path], V2Project]:
    def make(folder: Path) -> V2Project:
        root = folder / "shop"
        root.mkdir()
        return V2Project(root, dbt_v2)

    return make


@pytest.fixture
def v2_project(
    make_v2: Callable[[Path], V2Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> V2Project:
    """An empty project on dbt v2; its production target is `prod`."""
    for name in ("GITHUB_RUN_ID", "CI_PIPELINE_ID"):
        monkeypatch.delenv(name, raising=False)
    return make_v2(tmp_path)


def rows(project: Project, table: str, where: str = "true") -> list[Row]:
    """The rows of an ops table by column name, oldest first."""
    names = project.sql(f"select column_name from (describe ops.{table})")
    return [
        dict(zip([name for [name] in names], row, strict=True))
        for row in project.sql(f"select * from ops.{table} where {where} order by recorded_at")
    ]


def by_node(outcome: Outcome) -> list[tuple[str, str]]:
    """(unique_id of what sent it, statement) of all statements, in order."""
    sent = [event.data for event in outcome.events if event.info.name == "SQLQuery"]
    return [(data.node_info.unique_id, data.sql) for data in sent]


def first_run(project: Project) -> Row:
    return rows(project, "ops_runs")[0]


def last_run(project: Project) -> Row:
    return rows(project, "ops_runs")[-1]


def statuses(project: Project, invocation_id: str) -> dict[str, str]:
    """name -> status of the results of one run."""
    found = rows(project, "ops_results", f"invocation_id = '{invocation_id}'")
    return {row["name"]: row["status"] for row in found}
