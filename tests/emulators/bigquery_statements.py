"""What the emulator of BigQuery was sent, in forms that are documented."""

from __future__ import annotations

import re

from engines import BigQuery
from projects import Project

# cloud.google.com/bigquery/docs/reference/standard-sql: data-definition-language (alter reservation,
# create table clone), procedural-language (begin ... exception).
GRAMMAR = [
    r"alter reservation `[a-z0-9-]+\.region-[a-z0-9-]+\.[a-z0-9-]+` set options"
    r" \((slot_capacity = \d+|autoscale_max_slots = \d+|, )+\)",
    r"create table (`[\w-]+`\.?){3} clone (`[\w-]+`\.?){3}",
    r"alter table (`[\w-]+`\.?){3} set options"
    r" \(expiration_timestamp = null(, partition_expiration_days = null)?\)",
    r"drop (table|view|materialized view) (`[\w-]+`\.?){3}",
    r"begin .*; select ''; exception when error then select @@error\.message; end",
    r"begin select table_name, .*; exception when error then if not .* then raise; end if;"
    r" select .* limit 0; end",
]


def sent(project: Project, start: str) -> list[str]:
    """What was sent, without comments, that begins so (a pattern); in a form that is documented."""
    engine = project.engine
    assert isinstance(engine, BigQuery)
    found = [without_comment(statement["sql"]) for statement in engine.statements()]
    found = [sql for sql in found if re.match(start, sql)]
    for sql in found:
        assert any(re.fullmatch(form, sql, re.S) for form in GRAMMAR), sql
    return found


def without_comment(sql: str) -> str:
    return re.sub(r"^\s*/\*.*?\*/", "", sql, flags=re.S).strip().rstrip(";")
