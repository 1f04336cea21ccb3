"""Runs that earlier processes left behind: which command delivers them, and where."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from projects import DBT, Project
from recorded_project import block, journals, unblock, with_recorder

from dbt_opsplugin.journal import Journal, delivery


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return with_recorder(project, monkeypatch)


def leave(shop: Project, name: str, node: str | None = "model.shop.a") -> None:
    """A run as a version left it that did not note the database."""
    journal = Journal.create(shop.root / ".dbt_opsplugin", name)
    run = {"invocation_id": name, "started_at": "2026-01-01 00:00:00"}
    facts = {**run, "project_name": "shop", "target_name": "prod", "command": "run"}
    result = {**run, "unique_id": node, "attempt": 1, "status": "success"}
    journal.append("facts", facts, run["started_at"])
    journal.append("result", result, run["started_at"])
    journal.close()
    age = ord(name[-1])  # The older, the earlier in the alphabet.
    os.utime(journal.path, (age, age))


def refuse(shop: Project) -> None:
    """Results without a node, from now on."""
    shop.dbt("run")
    shop.sql("alter table ops.ops_results alter unique_id set not null")


def runs(shop: Project) -> list[str]:
    return shop.column("select invocation_id from ops.ops_runs where status = 'interrupted'")


def test_a_run_waits_for_its_own_database(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though project and target have the same names: of each customer, say."""
    ours, theirs = shop.root / "shop.duckdb", shop.root / "other" / "shop.duckdb"
    theirs.parent.mkdir()
    shop.outputs["prod"]["path"] = "{{ env_var('DBFILE') }}"
    monkeypatch.setenv("DBFILE", str(ours))
    block(shop)
    shop.dbt("run")
    [waiting] = journals(shop)
    unblock(shop)
    assert str(shop.root) not in waiting.read_text()
    monkeypatch.setenv("DBFILE", str(theirs))
    shop.engine.database = theirs
    shop.dbt("run")
    assert len(shop.sql("select * from ops.ops_runs")) == 1
    assert journals(shop) == [waiting]
    # The same one by another name.
    monkeypatch.chdir(shop.root)
    monkeypatch.setenv("DBFILE", "other/../shop.duckdb")
    shop.engine.database = ours
    with delivery():
        shop.dbt("parse")
    assert len(shop.sql("select * from ops.ops_runs")) == 1
    assert journals(shop) == []


def test_a_database_that_is_attached_is_known_by_its_file(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached = {"path": "{{ env_var('DBFILE') }}", "alias": "shop"}
    shop.outputs["prod"] |= {"path": ":memory:", "database": "shop", "attach": [attached]}
    monkeypatch.setenv("DBFILE", str(shop.root / "shop.duckdb"))
    block(shop)
    shop.dbt("run")
    [waiting] = journals(shop)
    unblock(shop)
    monkeypatch.setenv("DBFILE", str(shop.root / "theirs.duckdb"))
    shop.dbt("run")
    assert journals(shop) == [waiting]
    monkeypatch.setenv("DBFILE", str(shop.root / "shop.duckdb"))
    shop.dbt("run")
    assert journals(shop) == []


def test_a_run_of_before_databases_were_noted_is_delivered(shop: Project) -> None:
    leave(shop, "old-a")
    shop.dbt("run")
    assert runs(shop) == ["old-a"]
    assert journals(shop) == []


@pytest.mark.parametrize("half", ["off", "on"])
def test_the_database_is_where_dbt_has_it(
    shop: Project, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    """DuckDB's path may be relative: to where dbt is called, whatever the folder of the project."""
    monkeypatch.setenv("DBT_OPSPLUGIN", half)
    shop.outputs["prod"]["path"] = "shop.duckdb"
    leave(shop, "old-a")
    shop.write_config()
    elsewhere = shop.root / "elsewhere"
    elsewhere.mkdir()
    place = ["--project-dir", str(shop.root), "--profiles-dir", str(shop.root)]
    subprocess.run([*DBT, "run", *place], cwd=elsewhere, check=True, capture_output=True)
    assert list(shop.root.rglob("*.duckdb")) == [elsewhere / "shop.duckdb"]
    shop.engine.database = elsewhere / "shop.duckdb"
    assert shop.relations() == ["fct", "stg_a", "stg_b"]
    assert runs(shop) == (["old-a"] if half == "on" else [])


def test_runs_that_are_refused_do_not_keep_others_from_delivery(shop: Project) -> None:
    refuse(shop)
    for name in "abc":
        leave(shop, f"bad-{name}", node=None)
    for name in "de":
        leave(shop, f"good-{name}")
    outcome = shop.dbt("run")
    assert runs(shop) == ["good-d", "good-e"]
    assert outcome.text.count("is not delivered yet") == 3
    assert len(journals(shop)) == 3


def test_many_that_are_refused_go_to_the_end_of_the_line(shop: Project) -> None:
    refuse(shop)
    for name in "abcdefgh":
        leave(shop, f"bad-{name}", node=None)
    leave(shop, "good-i")
    outcome = shop.dbt("run")
    # At the start of a command and at its end.
    assert outcome.text.count("is not delivered yet") == 6
    shop.dbt("run")
    assert runs(shop) == ["good-i"]
    with delivery():
        outcome = shop.dbt("parse")
    assert outcome.text.count("is not delivered yet") == 8


@pytest.mark.parametrize("command", ["parse", "ls", "compile"])
def test_what_does_not_work_in_the_warehouse_delivers_nothing(shop: Project, command: str) -> None:
    leave(shop, "old-a")
    shop.dbt(command)
    assert len(journals(shop)) == 1
    assert shop.relations("ops") == []
    shop.operation("of_the_project")
    assert runs(shop) == ["old-a"]


@contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """Takes connections and never answers; yields its port and what it took."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1], taken
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in taken:
                one.close()


def test_a_warehouse_that_does_not_answer_is_asked_once(shop: Project) -> None:
    pytest.importorskip("dbt.adapters.postgres")
    for name in "abc":
        leave(shop, f"old-{name}")
    with silent_server() as (port, taken):
        shop.outputs["prod"] = {
            "type": "postgres", "host": "127.0.0.1", "port": port, "user": "me", "password": "x",
            "dbname": "shop", "schema": "main", "connect_timeout": 1, "retries": 0,
        }  # fmt: skip
        outcome = shop.operation("of_the_project", ok=False)
        assert len(taken) == 2  # And once by dbt itself.
    assert outcome.text.count("is not delivered yet") == 1
    assert "timeout" in outcome.text
    assert len(journals(shop)) == 3
