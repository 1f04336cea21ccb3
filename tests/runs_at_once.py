"""Several dbt runs at the same moment, each a process of its own, as a scheduler starts them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engines import Engine
from projects import Project, make_project


def run_at_once(engine: Engine, folder: Path, count: int, model: str) -> Project:
    """Projects of ten models each, whose schemas are their own and whose ops tables are one: they make
    them. The model's `{i}` is its number. Returns one of the projects, after all have succeeded."""
    projects = []
    for number in range(count):
        (folder / str(number)).mkdir()
        project = make_project(folder / str(number), engine)
        project.config["name"] = f"shop_{number}"
        project.config["models"] = {f"shop_{number}": {"+schema": f"s{number}"}}
        project.models(**{f"m{number}_{i}": model.format(i=i) for i in range(10)})
        projects.append(project)
    with ThreadPoolExecutor(count) as pool:
        for code, text in pool.map(lambda project: to_the_end(project, "run"), projects):
            assert code == 0, text
            assert "could be recorded" not in text
    return projects[0]


def assert_all_is_recorded(project: Project, count: int) -> None:
    sql = project.sql
    rows, nodes = count, count * 10
    assert sql("select count(*), count(distinct project_name) from ops.ops_runs") == [(rows, rows)]
    for table in ("ops_results", "ops_nodes"):
        found = sql(f"select count(*), count(distinct unique_id) from ops.{table}")
        assert found == [(nodes, nodes)], table
    assert sql("select count(*) from ops.ops_actions where status = 'started'") == [(rows,)]


def to_the_end(project: Project, command: str) -> tuple[int, str]:
    process = project.start(command)
    output, _ = process.communicate(timeout=400)
    return process.returncode, output
