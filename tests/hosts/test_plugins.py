"""Third-party plugins: installed as users do, called in real runs, and never in the way."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pluggy
import pytest
from click.testing import CliRunner
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from projects import REPOSITORY, Project

from dbt_opsplugin.cli import cli
from dbt_opsplugin.hookspecs import hookimpl
from dbt_opsplugin.manager import Plugins


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of the documentation, installed by pip into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    # A copy: building leaves files beside the source.
    source = tmp_path_factory.mktemp("source") / "hello"
    shutil.copytree(REPOSITORY / "docs" / "examples" / "hello", source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", folder, source], check=True)
    return folder


def test_the_example_of_the_documentation_is_found_and_called(
    project: Project, hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = project.root / "said.txt"
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setenv("HELLO_FILE", str(said))
    monkeypatch.syspath_prepend(str(hello))
    project.models(good="select 1 as id", bad="select * from not_there")
    project.dbt("run", ok=False)
    first, failed, last, alert = said.read_text().splitlines()
    assert first == "run on prod"
    assert failed.startswith("bad failed after ")
    assert last == "error: 4 results, recorded"
    assert alert == "alert: bad failed"
    # The same plugin in dbt-ops: a command, and a check.
    assert CliRunner().invoke(cli, ["hello"]).output == said.read_text()
    assert "hello" in CliRunner().invoke(cli, ["--help"]).output
    place = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
    checks = CliRunner().invoke(cli, ["doctor", "--format", "json", *place]).output
    DuckDBConnectionManager.close_all_connections()
    assert {"check": "hello", "status": "ok", "message": "HELLO_FILE is set"} in json.loads(checks)


def test_a_plugin_that_raises_is_named_once_and_left_out(
    project: Project, hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.delenv("HELLO_FILE", raising=False)
    monkeypatch.syspath_prepend(str(hello))
    project.models(one="select 1 as id", two="select 1 as id")
    outcome = project.dbt("run")
    assert outcome.text.count("plugin hello is left out of the rest of this run") == 1
    assert "opsplugin_start_run: KeyError: 'HELLO_FILE'" in outcome.text
    assert project.sql("select status from ops.ops_runs") == [("success",)]


def with_hook(name: str, function: Callable[..., None]) -> ModuleType:
    module = ModuleType("plugin")
    setattr(module, name, hookimpl(function))
    return module


def test_a_hook_that_does_not_exist_is_refused_by_name() -> None:
    plugins = Plugins(complain=pytest.fail)

    def opsplugin_finish_nodes(result: object) -> None: ...

    with pytest.raises(pluggy.PluginValidationError, match="opsplugin_finish_nodes"):
        plugins.register(with_hook("opsplugin_finish_nodes", opsplugin_finish_nodes), "typo")


def test_a_plugin_cannot_change_what_the_next_one_sees() -> None:
    seen = []
    plugins = Plugins(complain=pytest.fail)

    def opsplugin_finish_node(result: dict[str, object]) -> None:
        seen.append(dict(result))
        result.clear()

    for name in ("one", "two"):
        plugins.register(with_hook("opsplugin_finish_node", opsplugin_finish_node), name)
    row = {"status": "success"}
    plugins.call("opsplugin_finish_node", result=row)
    assert seen == [row, row] == [{"status": "success"}] * 2


def test_plugins_are_called_in_the_order_that_they_ask_for() -> None:
    called: list[str] = []
    plugins = Plugins(complain=pytest.fail)
    for name, order in [("c", "trylast"), ("a", "tryfirst"), ("b", "tryfirst"), ("one", "")]:
        module = ModuleType(name)
        mark = hookimpl(**({order: True} if order else {}))
        module.opsplugin_start_run = mark(lambda name=name: called.append(name))  # type: ignore[attr-defined]
        plugins.register(module, name)
    plugins.call("opsplugin_start_run", run={})
    assert called == ["a", "b", "one", "c"]


def test_a_plugin_that_fails_in_many_threads_is_named_once() -> None:
    complaints: list[str] = []
    plugins = Plugins(complaints.append)
    together = threading.Barrier(8)

    def opsplugin_finish_node(result: object) -> None:
        together.wait()
        raise RuntimeError("boom")

    plugins.register(with_hook("opsplugin_finish_node", opsplugin_finish_node), "clumsy")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            plugins.call("opsplugin_finish_node", result={})
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(complaints) == 1
    assert "plugin clumsy is left out of the rest of this run" in complaints[0]


@pytest.mark.parametrize("error", [RuntimeError, SystemExit])
@pytest.mark.parametrize("hook", ["opsplugin_finish_node", "opsplugin_start_model"])
def test_a_plugin_that_fails_in_a_thread_of_dbt_does_not_stop_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, hook: str, error: type[BaseException]
) -> None:
    """dbt waits forever for a thread that ended by SystemExit or that waits for itself."""
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")

    def opsplugin_finish_node(result: object) -> None:
        raise error("boom")

    def opsplugin_start_model(model: object) -> None:
        raise error("boom")

    function = {f.__name__: f for f in (opsplugin_finish_node, opsplugin_start_model)}[hook]
    load = Plugins.load

    def load_this_too(self: Plugins) -> None:
        load(self)
        self.register(with_hook(hook, function), "clumsy")

    monkeypatch.setattr(Plugins, "load", load_this_too)
    project.models(**dict.fromkeys("abcd", "select 1 as id"))
    outcome = project.dbt("run")
    assert outcome.text.count("plugin clumsy is left out of the rest of this run") == 1
    assert project.sql("select status, node_count from ops.ops_runs") == [("success", 4)]


def test_a_plugin_that_cannot_be_imported_does_not_end_dbt(
    project: Project, hello: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sys.exit in its module, for what it misses, is no exit of dbt."""
    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    shutil.copytree(hello, tmp_path, dirs_exist_ok=True)
    [module] = tmp_path.glob("hello.py")
    module.write_text("import sys\n\nsys.exit('install requests first')\n")
    monkeypatch.delitem(sys.modules, "hello", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    project.models(one="select 1 as id")
    outcome = project.dbt("run")
    assert "plugin hello is left out: SystemExit: install requests first" in outcome.text
    assert project.sql("select status from ops.ops_runs") == [("success",)]


@pytest.mark.parametrize("hook", ["find_alerts", "checks", "commands"])
@pytest.mark.parametrize("answer", [7, "alert", {"title": "x"}, [None], [{"message": "x"}]])
def test_a_plugin_that_answers_something_else_is_left_out(hook: str, answer: object) -> None:
    complaints: list[str] = []
    plugins = Plugins(complaints.append)
    name = f"opsplugin_{hook}"
    for plugin in ("clumsy", "other"):
        plugins.register(with_hook(name, lambda: answer), plugin)
    assert plugins.call(name) == []
    assert [complaint.split(":")[:3] for complaint in complaints] == [
        [f"plugin {plugin} is left out of the rest of this run", f" {name}", " TypeError"]
        for plugin in ("clumsy", "other")
    ]


def test_alerts_that_are_none_are_said_to_be_of_their_plugin(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Plugins.load

    def load_this_too(self: Plugins) -> None:
        load(self)
        self.register(with_hook("opsplugin_find_alerts", lambda: 7), "clumsy")

    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setattr(Plugins, "load", load_this_too)
    project.models(one="select 1 as id")
    outcome = project.dbt("run")
    assert "left out of the rest of this run: opsplugin_find_alerts" in outcome.text
    assert "the recorder stopped" not in outcome.text


def test_a_plugin_that_failed_may_still_put_back_what_it_changed() -> None:
    calls: list[str] = []
    plugins = Plugins(lambda message: None)

    def opsplugin_start_model(model: object) -> None:
        calls.append("start")
        raise RuntimeError("boom")

    def opsplugin_finish_model(model: object) -> None:
        calls.append("finish")

    module = with_hook("opsplugin_start_model", opsplugin_start_model)
    module.opsplugin_finish_model = hookimpl(opsplugin_finish_model)  # type: ignore[attr-defined]
    plugins.register(module, "clumsy")
    for hook in ("opsplugin_start_model", "opsplugin_start_model", "opsplugin_finish_model"):
        plugins.call(hook, model={}, call_macro=None)
    assert calls == ["start", "finish"]


def test_of_a_run_that_starts_a_plugin_is_told_columns_of_its_table(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    load = Plugins.load

    def load_this_too(self: Plugins) -> None:
        load(self)
        self.register(with_hook("opsplugin_start_run", lambda run: told.extend(run)), "plugin")

    monkeypatch.setenv("DBT_OPSPLUGIN", "on")
    monkeypatch.setattr(Plugins, "load", load_this_too)
    project.models(one="select 1 as id")
    project.dbt("run")
    columns = project.column("select column_name from (describe ops.ops_runs)")
    assert set(told) - set(columns) == set()
    assert "command" in told
