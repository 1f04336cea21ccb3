"""What is of Redshift alone, before an emulator; the behaviour that all engines share is tested in
tests/macros."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from dialects import assert_is_of, full_round
from engines import Redshift
from projects import Macros, Project

from dbt_opsplugin.cli import cli

pytest.importorskip("redshift_connector")
pytest.importorskip("sqlglot")

pytestmark = pytest.mark.redshift

# docs.aws.amazon.com/redshift/latest/dg: r_SET, r_RESET, r_SHOW, r_CREATE_TABLE_NEW.
GRAMMAR = [
    r"set query_group to '(?:[^'\\]|\\.){1,320}'",
    r"reset query_group",
    r"show query_group",
    r'create table [\w."]+ \(like [\w."]+\)',
]
# What dbt-redshift sends by itself and sqlglot has no grammar for.
DBTS_OWN = r"(?is)begin|commit|rollback|analyze .*"


@pytest.fixture
def engine(redshift_server: tuple[int, str, Path]) -> Redshift:
    return Redshift(redshift_server)


def sent(project: Project, part: str = "") -> list[str]:
    """What was sent that has a part (a pattern), without comments."""
    engine = project.engine
    assert isinstance(engine, Redshift)
    bare = [
        re.sub(r"\s*/\*.*?\*/\s*", "", sql, flags=re.S).strip().rstrip(";")
        for sql in engine.statements()
    ]
    return [sql for sql in bare if re.search(part, sql)]


def test_the_doctor_does_not_say_what_it_has_not_tried(project: Project) -> None:
    """Whether the tables can be written, where nothing takes a trial back."""
    project.models(a="select 1 as id")
    for made in ("the first run makes them", "up to date"):
        project.write_config()
        place = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
        rows = json.loads(CliRunner().invoke(cli, ["doctor", "--format", "json", *place]).stdout)
        [message] = [row["message"] for row in rows if row["check"] == "ops tables"]
        assert message.startswith("not tried here whether they can be written")
        assert message.endswith(made)
        project.dbt("run")


# Sizes ------------------------------------------------------------------------------------------


def test_a_size_is_a_query_group_for_the_session_of_a_model(project: Project) -> None:
    project.vars(warehouse_sizes={"large": {"query_group": "it's large"}})
    resizing = "{{ config(pre_hook=\"{{ dbt_opsplugin.set_warehouse_size('LARGE') }}\") }}"
    group = "select current_setting('redshift.query_group', true) as query_group"
    project.models(a=f"{resizing} {group}", b=f"-- depends_on: {{{{ ref('a') }}}}\n{group}")
    project.dbt("run")
    assert project.sql("select query_group from a") == [("it's large",)]
    assert project.sql("select coalesce(query_group, '') from b") == [("",)]
    assert sent(project, "^set query_group") == [r"set query_group to 'it\'s large'"]
    actions = project.sql(
        "select status, details from ops.ops_actions where action = 'set_warehouse_size'"
        " order by recorded_at"
    )
    assert [(status, json.loads(details)["before"]) for status, details in actions] == [
        ("started", {"query_group": "unset"}),
        ("success", {"query_group": "unset"}),
    ]


def test_the_python_half_gives_a_session_its_group_and_takes_it_back(both_halves: Project) -> None:
    both_halves.vars(warehouse_sizes={"large": {"query_group": "large"}})
    both_halves.models(
        a="{{ config(meta={'opsplugin': {'warehouse_size': 'large'}}) }} select 1 as id",
        b="{{ config(meta={'opsplugin': {'warehouse_size': 'large'}}) }} select nothing",
    )
    both_halves.dbt("run", ok=False)
    groups = sent(both_halves, "^(re)?set query_group")
    assert groups == ["set query_group to 'large'", "reset query_group"] * 2


@pytest.mark.parametrize(
    ("sizes", "size", "said"),
    [
        ({}, "LARGE", "size LARGE is not known"),
        ({"large": {"query_group": "x"}}, "large", "a size belongs to the session of a model"),
        ({"large": {"threads": 4}}, "large", "threads in opsplugin_warehouse_sizes: large is not"),
        ({"large": {"query_group": ""}}, "large", "not the name of a query group"),
    ],
)
def test_a_size_that_cannot_be_is_refused(
    project: Project, sizes: dict[str, dict[str, object]], size: str, said: str
) -> None:
    project.vars(warehouse_sizes=sizes)
    assert said in project.operation("set_warehouse_size", ok=False, size=size).text
    assert sent(project, "set query_group") == []


# Tags -------------------------------------------------------------------------------------------


def test_a_session_is_tagged_in_the_compact_form(both_halves: Project) -> None:
    both_halves.vars(session_tags=True)
    both_halves.models(a="select 1 as id")
    both_halves.dbt("run")
    [tag, untag] = sent(both_halves, "^(re)?set query_group")
    assert re.fullmatch(r"set query_group to 'dbt:a:prod:[-0-9a-f]{36}'", tag)
    assert untag == "reset query_group"


# Values -----------------------------------------------------------------------------------------


def test_many_rows_are_one_statement_of_several_texts(project: Project) -> None:
    """A text has 65,535 bytes there."""
    macros = Macros(project)
    macros("_ensure_ops_tables")
    rows = [
        {"invocation_id": "i", "unique_id": f"n{number:03}", "attempt": 1, "message": "é\\'" * 500}
        for number in range(100)
    ]
    macros("write_ops_rows", table="ops_results", rows=rows)
    [insert] = sent(project, "^insert into")
    texts = re.findall(r"json_parse\('((?:[^'\\]|\\.)*)'\)", insert, re.S)
    assert len(texts) > 5
    assert max(len(re.sub(r"\\(.)", r"\1", text).encode()) for text in texts) < 65535
    stored = macros.sql("select unique_id, message from ops.ops_results order by unique_id")
    assert stored == [(row["unique_id"], row["message"]) for row in rows]


def test_a_row_that_no_text_holds_is_cut(project: Project) -> None:
    macros = Macros(project)
    macros("_ensure_ops_tables")
    rows = [
        {"invocation_id": "i", "unique_id": name, "attempt": 1, "message": text}
        for name, text in (("a", "short"), ("b", "😀" * 40_000), ("c", "short"))
    ]
    macros("write_ops_rows", table="ops_results", rows=rows)
    found = dict(macros.sql("select unique_id, message from ops.ops_results"))
    assert found.keys() == {"a", "b", "c"}
    assert found["a"] == found["c"] == "short"
    assert re.fullmatch("😀{1000,} \\(shortened\\)", found["b"])


# Relations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        (
            'create view old."x y" as select 1 with no schema binding;',
            'create view "s"."m"."v" as select 1 with no schema binding',
        ),
        (
            '/* {"app": "dbt"} */\n\n  create view "a"."b"."c" as (\n select 1 -- create view\n) with no schema binding;',
            'create view "s"."m"."v" as (\n select 1 -- create view\n) with no schema binding',
        ),
        (" SELECT 1 AS view_id;", 'create view "s"."m"."v" as  SELECT 1 AS view_id'),
    ],
)
def test_a_view_is_made_again_by_its_own_name(project: Project, text: str, restored: str) -> None:
    details = {"type": "view", "database": "s", "schema": "m", "identifier": "v"}
    made = Macros(project)("restore_relation_sql", details={**details, "definition": text})
    assert made == restored


def test_every_statement_of_the_package_is_redshifts_sql(project: Project) -> None:
    """By its grammar as sqlglot has it, or by the forms above: Postgres takes much that Redshift would
    not."""
    project.vars(warehouse_sizes={"l": {"query_group": "l"}})
    full_round(project, "l")
    statements = sent(project)
    for sql in statements:
        assert_is_of("redshift", sql, [*GRAMMAR, DBTS_OWN])
    assert len(statements) > 60
