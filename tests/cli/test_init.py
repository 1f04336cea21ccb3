"""dbt-ops init: what it adds, what it leaves alone, and that it may be run again."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from dbt_opsplugin.cli import cli
from dbt_opsplugin.errors import UsageError

PROJECT = """\
# The shop.
name: shop   # its name
version: '1.0'
profile: shop

models:
  shop:
    +materialized: view  # cheap

vars:
  start: "2026-01-01"
"""

PACKAGES = """\
packages:
- package: dbt-labs/dbt_utils   # helpers
  version: [">=1.0.0", "<2.0.0"]
"""


def init(folder: Path, *arguments: str, answer: str = "y\n") -> Result:
    return CliRunner().invoke(
        cli,
        ["init", "--project-dir", str(folder), "--git", "https://example.com/ops.git", *arguments],
        input=answer,
    )


def test_it_shows_the_change_asks_and_keeps_comments_and_quotes(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "packages.yml").write_text(PACKAGES)
    result = init(tmp_path, "--prod-target", "live", "--revision", "v1")
    assert result.exit_code == 0
    assert "+- git: https://example.com/ops.git" in result.output
    packages = (tmp_path / "packages.yml").read_text()
    assert packages == PACKAGES + "- git: https://example.com/ops.git\n  revision: v1\n"
    project = (tmp_path / "dbt_project.yml").read_text()
    for line in PROJECT.splitlines():
        assert line in project
    assert "opsplugin_prod_targets:\n" in project
    assert "comment: '{{ dbt_opsplugin.query_comment(node) }}'\n  append: true\n" in project


def test_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    init(tmp_path, "--yes")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert init(tmp_path).output == "Nothing to do: the project has it all.\n"
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_local_package_is_known_by_what_it_says_it_is(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "dbt_project.yml").write_text("name: dbt_opsplugin\n")
    (tmp_path / "shop" / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "shop" / "packages.yml").write_text("packages:\n  - local: ../ops\n")
    init(tmp_path / "shop", "--yes")
    assert (tmp_path / "shop" / "packages.yml").read_text() == "packages:\n  - local: ../ops\n"


def test_without_a_yes_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    assert "Nothing is changed." in init(tmp_path, answer="n\n").output
    assert [path.name for path in tmp_path.iterdir()] == ["dbt_project.yml"]
    assert (tmp_path / "dbt_project.yml").read_text() == PROJECT


def test_what_the_project_has_set_stays(tmp_path: Path) -> None:
    own = PROJECT + '  opsplugin_prod_targets: ["mine"]\nquery-comment: none\n'
    (tmp_path / "dbt_project.yml").write_text(own)
    (tmp_path / "dependencies.yml").write_text(PACKAGES)
    init(tmp_path, "--yes", "--prod-target", "live")
    assert (tmp_path / "dbt_project.yml").read_text() == own
    assert "ops.git" in (tmp_path / "dependencies.yml").read_text()
    assert not (tmp_path / "packages.yml").exists()


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    result = init(tmp_path)
    assert isinstance(result.exception, UsageError)
    assert "there is no dbt_project.yml in" in str(result.exception)
