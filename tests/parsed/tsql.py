"""T-SQL as SQL Server and Microsoft Fabric take it: sqlglot knows no batches, and takes much of other dialects."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

# The tests that need it are skipped without.
sqlglot = pytest.importorskip("sqlglot")
exp = sqlglot.exp

__all__ = ["broken_rules", "statements_in"]

STRING = r"N?'(?:[^']|'')*'(?: \+ N?'(?:[^']|'')*')*"
NAME = r"(?:\"[\w ]+\"|\[[\w ]+\])"
SAID = r"declare @said nvarchar\(4000\)"
CAUGHT = r"end try begin catch set @said = error_message\(\);"
AGAIN = r" if \(@options & 16384\) <> 0 set xact_abort on;"
# learn.microsoft.com/sql/t-sql/language-elements: try-catch, execute, throw, use. What is executed
# stands in brackets.
BATCHES = [
    rf"use {NAME}; begin try begin transaction;((?: exec\({STRING}\);)+) (?:commit|rollback) transaction;"
    r" end try begin catch if @@trancount > 0 rollback transaction; throw; end catch",
    rf"use {NAME}; {SAID}, @options int = @@options; set xact_abort off; begin try (exec\({STRING}\);)"
    rf" {CAUGHT}{AGAIN} if xact_state\(\) = -1 (?:begin; throw; end|rollback transaction); end catch;{AGAIN} select @said as said",
    rf"use {NAME}; {SAID}; begin try (exec\({STRING}\);) {CAUGHT} end catch; select @said as said",
    rf"use {NAME}; (exec\({STRING}\);)",
    rf"use {NAME}; if not exists \(select 1 from sys\.schemas where quotename\(name, {STRING}\) = {STRING}\)"
    rf" (exec\({STRING}\))",
]
# .../relational-databases/system-stored-procedures: sp-getapplock, sp-releaseapplock.
LOCK = r"@Resource = 'dbt_opsplugin drop', @LockOwner = 'Session'"
ALONE = [
    rf"declare @taken int; exec @taken = sp_getapplock {LOCK}, @LockMode = 'Exclusive', @LockTimeout = -1;"
    r" if @taken < 0 begin; throw 51000, '[^']+', 1; end",
    rf"exec sp_releaseapplock {LOCK}",
    rf"create schema {NAME}(?: authorization {NAME})?",
]
# .../language-elements/reserved-keywords-transact-sql, of those that a column may be called.
WORDS = """
    add all alter any as asc authorization backup begin between break browse bulk by case check
    checkpoint close clustered column commit compute constraint contains continue convert create
    cross current cursor database deallocate declare default delete deny desc disk distinct
    distributed double drop dump else end errlvl escape except exec execute exists exit external
    fetch file fillfactor for foreign freetext from full function goto grant group having
    holdlock identity if in index inner insert intersect into is join key kill left like lineno
    load merge national nocheck nonclustered not null nullif of off offsets on open option or
    order outer over percent pivot plan precision primary print proc procedure public raiserror
    read reconfigure references replication restore restrict return revert revoke right rollback
    rowcount rule save schema select set setuser shutdown some statistics table textsize then to
    top tran transaction trigger truncate union unique unpivot update updatetext use user values
    varying view waitfor when where while with writetext
"""
RESERVED = set(WORDS.split())
KNOWN = (exp.Query, exp.Insert, exp.Create, exp.Alter, exp.Drop, exp.Delete, exp.IfBlock, exp.Set)
CONDITIONS = (exp.Predicate, exp.And, exp.Or, exp.Not, exp.Exists, exp.Between, exp.In)


def statements_in(batch: str) -> list[str]:
    """The statements that a batch sends, each alone."""
    for form in BATCHES:
        if found := re.fullmatch(form, without_comment(batch), re.S):
            strings = re.findall(rf"exec\(({STRING})\)", found[1], re.S)
            return [sql for text in strings for sql in statements_in(unquoted(text))]
    return [batch]


def without_comment(sql: str) -> str:
    """Without that of dbt, which stands before a statement."""
    return re.sub(r"^\s*/\*.*?\*/", "", sql, flags=re.S).strip()


def unquoted(text: str) -> str:
    parts = re.findall(r"N?'((?:[^']|'')*)'", text, re.S)
    return "".join(part.replace("''", "'") for part in parts)


def broken_rules(sql: str, dialect: str, documented: list[str]) -> list[str]:
    """What SQL Server or Fabric would refuse of a statement, as far as rules tell."""
    sql = without_comment(sql)
    if any(re.fullmatch(form, sql, re.S) for form in [*documented, *ALONE]):
        return []
    [tree] = sqlglot.parse(sql, read=dialect)
    if not isinstance(tree, KNOWN) or tree.find(exp.Command):
        return ["is of no form that is known"]
    return [
        *broken_text(sql),
        *broken_tree(tree),
        *(broken_in_fabric(tree) if dialect == "fabric" else []),
    ]


def broken_text(sql: str) -> Iterator[str]:
    bare = re.sub(r"'(?:[^']|'')*'", "''", sql)
    for wrong in (
        "create or replace",
        "table if not exists",
        "schema if not exists",
        "add column",
        "||",
        "::",
        "`",
    ):
        if wrong in bare:
            yield f"has {wrong}"
    if re.search(r",\s*[,)]", bare):
        yield "has a comma too many"
    if re.search(r"\\[\r\n]", sql):
        yield "loses the end of a line after a backslash"
    if re.match(r"\s*(?:create (?:or alter )?|drop )view(?: \S+\.\S+\.\S+)", bare):
        yield "names the database of a view"


def broken_tree(tree: exp.Expression) -> Iterator[str]:
    wrong = (
        exp.Boolean,
        exp.Limit,
        exp.Greatest,
        exp.Least,
        exp.StddevSamp,
        exp.Filter,
        exp.Unnest,
        exp.ILike,
    )
    for node in tree.find_all(*wrong):
        yield f"has {node.key}: {node.sql()[:60]}"
    for node in tree.find_all(exp.Identifier):
        if not node.args.get("quoted") and node.name.lower() in RESERVED:
            yield f"names something {node.name}"
    for node in tree.find_all(exp.DataType):
        lengths = (
            exp.DataType.Type.VARCHAR,
            exp.DataType.Type.NVARCHAR,
            exp.DataType.Type.VARBINARY,
        )
        if node.this in lengths and not node.expressions:
            yield "has a text of no length, which is one of 30 characters, or of 1"
    for node in tree.find_all(exp.PercentileCont):
        if not isinstance(node.parent, exp.WithinGroup) or not isinstance(
            node.parent.parent, exp.Window
        ):
            yield "has a percentile of a group"
    for node in tree.find_all(exp.With):
        if node.parent and node.parent.find_ancestor(exp.Select, exp.Subquery):
            yield "has a with inside"
    for select in tree.find_all(exp.Select):
        yield from broken_select(select, tree)
    for condition in conditions(tree):
        while isinstance(condition, exp.Paren):
            condition = condition.this
        if not isinstance(condition, CONDITIONS):
            yield f"takes a value for a condition: {condition.sql()[:60]}"


def broken_select(select: exp.Select, tree: exp.Expression) -> Iterator[str]:
    inside = select.find_ancestor(exp.Select, exp.Subquery, exp.Create) is not None
    if inside and select.args.get("order") and not select.args.get("offset"):
        yield "has an order inside"
    for item in select.expressions:
        value = item.unalias()
        while isinstance(value, exp.Paren):
            value = value.this
        if isinstance(value, CONDITIONS):
            yield f"takes a condition for a value: {item.sql()[:60]}"
    if isinstance(select.parent, (exp.CTE, exp.Create)) or (
        isinstance(select.parent, exp.Subquery)
        and isinstance(select.parent.parent, (exp.From, exp.Join))
    ):
        named = [item for item in select.expressions if not item.is_star]
        names = [
            item.alias_or_name.lower() if isinstance(item, (exp.Alias, exp.Column)) else ""
            for item in named
        ]
        if "" in names or len(names) != len(set(names)):
            yield f"has columns without a name, or two of one: {names}"
    for item in select.args.get("group") or exp.Group():
        if isinstance(item, exp.Literal):
            yield "groups by a position"


def conditions(tree: exp.Expression) -> Iterator[exp.Expression]:
    for node in tree.find_all(exp.Where, exp.Having, exp.Not):
        yield node.this
    for node in tree.find_all(exp.And, exp.Or):
        yield from (node.left, node.right)
    for node in tree.find_all(exp.Join):
        if node.args.get("on"):
            yield node.args["on"]
    for case in tree.find_all(exp.Case):
        if case.this is None:
            yield from (branch.this for branch in case.args["ifs"])


def broken_in_fabric(tree: exp.Expression) -> Iterator[str]:
    """Text is varchar, but where JSON is read; and no query reads tables and the catalog."""
    if tree.find(exp.National):
        yield "has a national string"
    for node in tree.find_all(exp.DataType):
        if node.this == exp.DataType.Type.NVARCHAR and not node.find_ancestor(exp.OpenJSON):
            yield "has nvarchar"
    tables = [table for table in tree.find_all(exp.Table) if table.args.get("db")]
    catalog = [table for table in tables if table.db == "sys"]
    if catalog and len(catalog) != len(tables):
        yield "reads tables and the catalog"
