"""The conventions of the macros, each a function that yields violations as `file:line: what`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import nodes
from macro_files import (
    DBTS,
    OF_ENGINES,
    OURS,
    PACKAGE,
    SETTINGS,
    MacroFile,
    calls,
    constant,
    dispatches,
)

# What dbt puts into the context of a macro. A name that is not here is a typo, or is new and
# needs a look at where dbt offers it. run_query and statement are macros: call them by `dbt.`.
CONTEXT = {
    *("adapter", "api", "dbt", "dbt_opsplugin", "dbt_version", "env_var", "exceptions", "execute"),
    *("flags", "fromjson", "graph", "invocation_args_dict", "invocation_id", "local_md5", "log"),
    *(
        "model",
        "modules",
        "print",
        "project_name",
        "return",
        "run_started_at",
        "target",
        "this",
        "tojson",
    ),
    *("builtins", "load_result", "results", "selected_resources", "sql", "store_result"),
    *("var", "dict", "namespace", "range"),
}
# Files that hold several public macros, none of which is the file's subject by itself.
GROUPINGS = {
    "run/ops_tables.sql",
    "sql/run_statements.sql",
    "sql/unsupported.sql",
    "tags/tag_session.sql",
}
# Longer than 160 lines, with the reason why splitting would hurt. None is.
LONG_FILES: dict[str, str] = {}
# What an adapter of dbt dispatches, and a project may take from us.
DBTS_DISPATCHED = ("set_query_tag", "unset_query_tag")
Check = Callable[[list[MacroFile]], Iterator[str]]


# Names -----------------------------------------------------------------------------------------


def names_are_declared(files: list[MacroFile]) -> Iterator[str]:
    """Jinja renders a misspelt name as nothing."""
    for file in files:
        for macro in file.macros:
            local = {*macro.arguments, "caller", "kwargs"}
            for name, line in undeclared(macro.node.body, local):
                yield f"{file.path}:{line}: {name} in {macro.name} is not declared"


def undeclared(body: Any, declared: set[str]) -> Iterator[tuple[str, int]]:
    """Names that are read where they need not be set, by Jinja's scopes: what a loop sets ends
    with it, and what an if sets counts after it only when every branch has set it. (jinja2.meta
    cannot tell a name that is set and read inside one branch.) Adds to `declared`."""
    for node in body if isinstance(body, list) else [body]:
        if isinstance(node, nodes.Name):
            if node.ctx == "load" and node.name not in declared | CONTEXT:
                yield node.name, node.lineno
            elif node.ctx == "store":
                declared.add(node.name)
        elif isinstance(node, nodes.If):
            branches = []
            for branch in [node, *node.elif_]:
                yield from undeclared(branch.test, declared)
                branches.append(set(declared))
                yield from undeclared(branch.body, branches[-1])
            branches.append(set(declared))
            yield from undeclared(node.else_, branches[-1])
            declared |= set.intersection(*branches)
        elif isinstance(node, nodes.For):
            yield from undeclared(node.iter, declared)
            inner = set(declared)
            yield from undeclared([node.target, *([node.test] if node.test else [])], inner)
            yield from undeclared(node.body, inner | {"loop"})
            yield from undeclared(node.else_, set(declared))
        elif isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            inner = declared if isinstance(node, nodes.Assign) else set(declared)
            yield from undeclared([c for c in node.iter_child_nodes() if c != node.target], inner)
            yield from undeclared(node.target, declared)
        elif isinstance(node, nodes.NSRef):
            if node.name not in declared:
                yield node.name, node.lineno
        else:
            yield from undeclared(list(node.iter_child_nodes()), declared)


def calls_are_qualified(files: list[MacroFile]) -> Iterator[str]:
    """An unqualified call takes a macro of the user's project that has the same name."""
    for file in files:
        for call, namespace, name in calls(file):
            package = PACKAGE if name in OURS else "dbt" if name in DBTS else None
            if not namespace and package:
                yield f"{file.path}:{call.lineno}: {name}() is a macro: {package}.{name}()"


def calls_fit_the_signature(files: list[MacroFile]) -> Iterator[str]:
    """A macro that does not exist, or does not take what it is given, fails only when called."""
    for file in files:
        local = {macro.name: macro for macro in file.macros}
        for call, namespace, name in calls(file):
            place = f"{file.path}:{call.lineno}: {namespace}.{name}()"
            if namespace == "dbt" and name not in DBTS:
                yield f"{place} is not a macro of dbt"
            if namespace != PACKAGE:
                continue
            macro = OURS.get(name) or local.get(name)
            if macro is None:
                yield f"{place} does not exist"
                continue
            given = macro.arguments[: len(call.args)]
            named = [keyword.key for keyword in call.kwargs]
            for keyword in set(named) - set(macro.arguments):
                yield f"{place} has no argument {keyword}"
            if len(call.args) > len(macro.arguments):
                yield f"{place} takes {len(macro.arguments)} arguments, not {len(call.args)}"
            for argument in [a for a in macro.required if a not in [*given, *named]]:
                yield f"{place} needs {argument}"


def settings_exist(files: list[MacroFile]) -> Iterator[str]:
    """A setting that is read and not declared is an error at run time."""
    for file in files:
        for call, namespace, name in calls(file):
            if (namespace, name) == (PACKAGE, "_config"):
                setting = constant(call.args[0])
                if setting not in SETTINGS:
                    yield f"{file.path}:{call.lineno}: {setting} is not in _settings()"


def unknown_arguments_are_refused(files: list[MacroFile]) -> Iterator[str]:
    """kwargs is there to be refused: with the macro's own name and exactly its arguments."""
    for file in files:
        for macro in file.macros:
            reads = [n for n in macro.node.find_all(nodes.Name) if n.name == "kwargs"]
            checks = [
                call
                for call in macro.node.find_all(nodes.Call)
                if isinstance(call.node, nodes.Getattr) and call.node.attr == "_validate_arguments"
            ]
            place = f"{file.path}:{macro.node.lineno}: {macro.name}"
            if len(reads) != len(checks):
                yield f"{place} uses kwargs for something else than _validate_arguments"
            for call in checks:
                given = [constant(call.args[0]), constant(call.args[2])]
                if given != [macro.name, macro.arguments]:
                    yield f"{place} names {given}, not [{macro.name!r}, {macro.arguments}]"


# Roles -----------------------------------------------------------------------------------------


def vars_are_read_in_one_place(files: list[MacroFile]) -> Iterator[str]:
    """Defaults live in _config.sql; _validate.sql tells a var that is not set from one that is."""
    for file in files:
        if file.path not in ("_internal/_config.sql", "_internal/_validate.sql"):
            for name in file.ast.find_all(nodes.Name):
                if name.name == "var":
                    yield f"{file.path}:{name.lineno}: var is for _config.sql: use _config()"


def errors_are_raised_in_one_place(files: list[MacroFile]) -> Iterator[str]:
    """_fail.sql gives every error its form."""
    for file in files:
        if file.path != "_internal/_fail.sql":
            for attribute in file.ast.find_all(nodes.Getattr):
                if attribute.attr.startswith("raise_"):
                    yield f"{file.path}:{attribute.lineno}: {attribute.attr}: use _fail()"


def dispatches_are_of_engines(files: list[MacroFile]) -> Iterator[str]:
    """What an engine may have of its own stands on one page, with its arguments."""
    for file in files:
        for call, dispatched, given in dispatches(file):
            place = f"{file.path}:{call.lineno}"
            name, package = [*dispatched, None, None][:2]
            if name not in OF_ENGINES or package != PACKAGE:
                yield f"{place} dispatches {dispatched}: is it in engines/README.md?"
            elif given != len(OF_ENGINES[name]):
                yield f"{place} passes {given} arguments to {name}, not {OF_ENGINES[name]}"


def dialects_have_their_place(files: list[MacroFile]) -> Iterator[str]:
    """What is of an engine stands in its folder, and takes what is passed to it."""
    for file in files:
        for macro in file.macros:
            if not macro.dialect:
                continue
            place = f"{file.path}:{macro.node.lineno}: {macro.name}"
            subject = macro.name.removeprefix(f"{macro.dialect}__")
            folder = file.path.rpartition("/")[0]
            if (macro.dialect == "default") == folder.startswith("engines/") or (
                macro.dialect != "default" and folder != f"engines/{macro.dialect}"
            ):
                yield f"{place} is in {folder}"
            if subject in DBTS_DISPATCHED:
                continue
            if subject not in OF_ENGINES:
                yield f"{place} is not in engines/README.md"
            elif macro.arguments != OF_ENGINES[subject]:
                yield f"{place} takes other arguments than {OF_ENGINES[subject]}"


# Form ------------------------------------------------------------------------------------------


def files_are_named_after_a_macro(files: list[MacroFile]) -> Iterator[str]:
    """A reader finds a macro by its file."""
    for file in files:
        stem = Path(file.path).stem
        grouping = file.path in GROUPINGS or file.path.startswith(("engines/", "run/views/"))
        names = [name.removeprefix("default__") for name in file.names]
        if not (stem.startswith("_") or stem in names or grouping):
            yield f"{file.path}:1: holds {', '.join(file.names)}, not {stem}"


def macros_stand_two_lines_apart(files: list[MacroFile]) -> Iterator[str]:
    """And nothing stands between them: it would render into no macro."""
    for file in files:
        between = re.sub(r"{%-? macro .*?{%-? endmacro -?%}", "\0", file.source, flags=re.DOTALL)
        if between.strip("\n").replace("\0\n\n\n", "") != "\0" or not file.source.endswith("}\n"):
            yield f"{file.path}:1: does not hold macros with two blank lines between them"


def comments_stay_out_of_sql(files: list[MacroFile]) -> Iterator[str]:
    """A `--` comment reaches the warehouse and ends a statement that is joined to one line."""
    for file in files:
        for data in file.ast.find_all((nodes.TemplateData, nodes.Const)):
            text = getattr(data, "data", None) or getattr(data, "value", None)
            pattern = r"--" if isinstance(data, nodes.TemplateData) else r"--(\s|$)"
            if isinstance(text, str) and re.search(pattern, text):
                yield f"{file.path}:{data.lineno}: a SQL comment: write a Jinja comment"


def what_gives_no_text_is_trimmed(files: list[MacroFile]) -> Iterator[str]:
    """dbt compiles each macro of a run in every process; blanks between tags are a tenth of that."""
    for file in files:
        for macro in re.finditer(
            r"{%-? macro .*?%}(.*?){%-? endmacro -?%}", file.source, flags=re.DOTALL
        ):
            text = re.sub(r"{[#%].*?[#%]}", "", macro[1], flags=re.DOTALL)
            blank = re.search(r"\n *{%(?!-)", macro[0])
            if not text.strip() and blank:
                line = file.source[: macro.start() + blank.end()].count("\n") + 1
                yield f"{file.path}:{line}: gives no text, so write {{%- in place of {{%"


def lines_are_at_most_120_long(files: list[MacroFile]) -> Iterator[str]:
    """The aim is 100; what is over 120 cannot be read beside another file."""
    for file in files:
        for number, line in enumerate(file.source.splitlines(), 1):
            if len(line) > 120:
                yield f"{file.path}:{number}: {len(line)} characters"


def files_are_at_most_160_lines_long(files: list[MacroFile]) -> Iterator[str]:
    """A longer file has two subjects."""
    for file in files:
        length = len(file.source.splitlines())
        if length > 160 and file.path not in LONG_FILES:
            yield f"{file.path}:1: {length} lines: split it"
