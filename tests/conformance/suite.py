"""dbt's own adapter suites, with both halves of this package installed and recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

REPOSITORY = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="class")
def dbt_profile_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    path = tmp_path_factory.mktemp("conformance") / "suite.duckdb"
    yield {"type": "duckdb", "path": str(path), "threads": 2}
    DuckDBConnectionManager.close_all_connections()


@pytest.fixture(scope="class", autouse=True)
def installed(project_root: Any, dbt_project_yml: Any) -> Iterator[None]:
    """Puts the package into the suite's project and records in its target."""
    root = Path(str(project_root))
    (root / "dbt_packages").mkdir(exist_ok=True)
    (root / "dbt_packages" / "dbt_opsplugin").symlink_to(REPOSITORY)
    (root / "packages.yml").write_text(f"packages: [{{local: {REPOSITORY}}}]\n")
    config = yaml.safe_load((root / "dbt_project.yml").read_text())
    config.setdefault("vars", {})["opsplugin_enabled"] = True
    (root / "dbt_project.yml").write_text(yaml.safe_dump(config))

    def invoke(self: dbtRunner, *args: Any, **kwargs: Any) -> Any:
        """The suites count results, among which dbt lists hooks since 1.9, and the sources
        of a catalog: ours are left out of both."""
        outcome = original(self, *args, **kwargs)
        results = getattr(outcome.result, "results", None)
        if isinstance(results, list):
            outcome.result.results[:] = [
                result
                for result in results
                if not getattr(result, "node", None) or result.node.package_name != "dbt_opsplugin"
            ]
        sources = getattr(outcome.result, "sources", None)
        if isinstance(sources, dict):
            for name in [name for name in sources if ".dbt_opsplugin." in name]:
                del sources[name]
        return outcome

    original = dbtRunner.invoke
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_OPSPLUGIN", "on")
        patch.setattr(dbtRunner, "invoke", invoke)
        yield
