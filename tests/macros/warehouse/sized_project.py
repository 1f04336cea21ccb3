"""A project with sizes, and what a test sees of them."""

from __future__ import annotations

import json
import re
from typing import Any

from projects import Outcome, Project

SIZES = {
    "small": {"memory_limit": "1GB", "threads": 1},
    "big": {"memory_limit": "2GB", "threads": 3},
}
SEEN = "current_setting('threads') as threads, current_setting('memory_limit') as memory"


def sized(project: Project) -> Project:
    """A project that starts on 2 threads and 1.5 GB, and writes its settings to after_run when
    all other hooks have ended: the hooks of a package run after those of the project."""
    for output in project.outputs.values():
        output["config_options"] = {"threads": 2, "memory_limit": "1536MiB"}
    project.write(
        "dbt_packages/zz_observer/dbt_project.yml",
        f"""
        name: zz_observer
        version: "1.0"
        on-run-end: "create or replace table after_run as select {SEEN}"
        """,
    )
    project.write("packages.yml", project.packages + "  - local: dbt_packages/zz_observer\n")
    project.vars(warehouse_sizes=SIZES)
    return project


def hook(call: str) -> str:
    return "{{ dbt_opsplugin." + call + " }}"


def hooks(project: Project, **calls: str) -> None:
    """Sets hooks on all models: hooks(project, pre_hook="set_warehouse_size('big')")."""
    for name, call in calls.items():
        project.config["models"]["shop"]["+" + name.replace("_", "-")] = hook(call)


def settings(outcome: Outcome) -> list[str]:
    """The statements that change a setting, without dbt's comment."""
    found = (re.search("set global .*", statement) for statement in outcome.statements)
    return [match[0] for match in found if match]


def resizes(project: Project) -> list[Any]:
    """(node, reason, details) of every resize, oldest first."""
    return [
        (node, reason, json.loads(details))
        for node, reason, details in project.sql(
            "select unique_id, reason, details from ops.ops_actions"
            " where action = 'set_warehouse_size' order by recorded_at"
        )
    ]


BEFORE = (2, "1.5 GiB")
BIG = (3, "1.8 GiB")
SMALL = (1, "953.6 MiB")
