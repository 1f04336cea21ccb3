"""How commands print: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from dbt_opsplugin.runs import Row

__all__ = ["progress", "show_json", "show_table"]


def show_json(document: Any) -> None:
    """Escaped where standard output does not take all characters."""
    takes_all = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    click.echo(json.dumps(document, indent=2, ensure_ascii=not takes_all))


def show_table(title: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Prints rows by the names of their columns; a status has a colour on a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    for column in columns:
        table.add_column(column, justify="left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(row.get(c)), style=_style(c, row.get(c))) for c in columns))
    # A pipe has no width: nothing is folded there.
    console = Console(width=None if sys.stdout.isatty() else 1000)
    console.print(table)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; yields what takes the number that is done. Nothing in a pipe."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done: None
        return
    columns = SpinnerColumn(), TextColumn(what), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


def _style(column: str, value: Any) -> str:
    if column != "status":
        return ""
    return {"success": "green", "ok": "green", "error": "red", "interrupted": "red"}.get(
        str(value), "yellow"
    )
