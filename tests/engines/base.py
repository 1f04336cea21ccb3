"""What the tests ask of an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Protocol


class Engine(Protocol):
    """Where one test's project builds: a database of its own, named `shop`."""

    name: str
    #: The type of its target: of dbt's adapter.
    adapter: str
    #: The fixture that gives the server it runs on, or none.
    resource: str | None
    #: A test takes up to ten times as long: only some of the shared ones run there.
    is_slow: bool

    @staticmethod
    def is_installed() -> bool: ...

    #: What its projects have in dbt_project.yml.
    config: dict[str, Any]

    def folded(self, name: str) -> str:
        """A name as the tests write it: an engine may keep it in capitals."""

    def output(self, root: Path) -> dict[str, Any]:
        """The target of a profile, without its schema."""

    def sql(self, statement: str) -> list[tuple[Any, ...]]: ...

    def relations(self, schema: str) -> list[str]:
        """The names of the tables and views in a schema."""

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        """A query on a connection of dbt's, with `?` for each value."""

    def close(self) -> None:
        """After a dbt command, which may have left connections open."""


class AsWritten:
    """An engine that keeps the names that tests write."""

    config: ClassVar[dict[str, Any]] = {}

    def folded(self, name: str) -> str:
        return name


class InformationSchema(AsWritten):
    """An engine that lists its relations as the standard says."""

    def relations(self: Engine, schema: str) -> list[str]:
        found = self.sql(
            "select table_name from information_schema.tables "
            f"where lower(table_schema) = lower('{schema}')"
        )
        return [self.folded(row[0]) for row in found]
