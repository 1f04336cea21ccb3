"""The conventions of the tree, as assertions. Each is a function that yields violations as
`file:line: what`, is run over the tree, and is shown a bad example that it must find."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.include.global_project import PACKAGE_PATH
from dbt.version import __version__ as dbt_version
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

from dbt_opsplugin import __version__

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "dbt_opsplugin"

# What dbt puts into the context of a macro. A name that is not here is a typo, or is new and
# needs a look at where dbt offers it. run_query and statement are macros: call them by `dbt.`.
CONTEXT = {
    *("adapter", "api", "dbt", "dbt_opsplugin", "dbt_version", "env_var", "exceptions", "execute"),
    *("flags", "fromjson", "graph", "invocation_args_dict", "invocation_id", "local_md5", "log"),
    *("model", "modules", "project_name", "return", "run_started_at", "target", "this", "tojson"),
    *("builtins", "load_result", "results", "selected_resources", "sql", "store_result"),
    *("var", "dict", "namespace", "range"),
}
# Files that hold several public macros, none of which is the file's subject by itself.
GROUPINGS = {
    "run/ops_tables.sql",
    "sql/run_statements.sql",
    "warehouse/resizing.sql",
    "warehouse/sizes.sql",
}
# Longer than 160 lines, with the reason why splitting would hurt. None is.
LONG_FILES: dict[str, str] = {}


@dataclass(frozen=True)
class Macro:
    node: nodes.Macro
    name: str

    @property
    def arguments(self) -> list[str]:
        return [argument.name for argument in self.node.args]

    @property
    def required(self) -> list[str]:
        return self.arguments[: len(self.arguments) - len(self.node.defaults)]

    @property
    def dialect(self) -> str:
        """The prefix of an implementation: default, duckdb ..., or nothing."""
        prefix, separator, _ = self.name.partition("__")
        return prefix if separator and prefix else ""

    @property
    def is_public(self) -> bool:
        return not self.name.startswith("_") and not self.dialect


@dataclass(frozen=True)
class MacroFile:
    path: str
    source: str
    ast: nodes.Template = field(repr=False)
    macros: tuple[Macro, ...] = ()

    @property
    def names(self) -> list[str]:
        return [macro.name for macro in self.macros]

    @property
    def public(self) -> list[Macro]:
        return [macro for macro in self.macros if macro.is_public]


def read(path: str, source: str) -> MacroFile:
    """Parses a file as dbt does."""
    ast = get_environment().parse(source)
    macros = [Macro(n, n.name.removeprefix("dbt_macro__")) for n in ast.find_all(nodes.Macro)]
    return MacroFile(path, source, ast, tuple(macros))


def tree() -> list[MacroFile]:
    folder = ROOT / "macros"
    files = sorted(folder.rglob("*.sql"))
    return [read(file.relative_to(folder).as_posix(), file.read_text()) for file in files]


TREE = tree()
OURS = {macro.name: macro for file in TREE for macro in file.macros}
DBTS = {
    name
    for file in (Path(PACKAGE_PATH) / "macros").rglob("*.sql")
    for name in re.findall(r"{%-?\s*macro\s+(\w+)", file.read_text())
}
Check = Callable[[list[MacroFile]], Iterator[str]]


def calls(file: MacroFile) -> Iterator[tuple[nodes.Call, str, str]]:
    """Every call as (node, namespace, name): `a.b()` and `b()`."""
    for call in file.ast.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name):
            yield call, "", call.node.name
        elif isinstance(call.node, nodes.Getattr) and isinstance(call.node.node, nodes.Name):
            yield call, call.node.node.name, call.node.attr


def constant(node: nodes.Expr | None) -> Any:
    return node.as_const() if isinstance(node, (nodes.Const, nodes.List, nodes.Tuple)) else None


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


def returned_mapping(macro: str) -> nodes.Dict:
    """The dict that a macro returns."""
    return next(node for node in OURS[macro].node.find_all(nodes.Dict))


SETTINGS = returned_mapping("_settings").as_const()


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


def dispatchers_have_a_default(files: list[MacroFile]) -> Iterator[str]:
    """A dispatched macro without default__ fails when an unknown adapter compiles it."""
    for file in files:
        for macro in file.macros:
            for call in macro.node.find_all(nodes.Call):
                target = call.node
                if not isinstance(target, nodes.Call) or not isinstance(target.node, nodes.Getattr):
                    continue
                place = f"{file.path}:{call.lineno}: {macro.name}"
                dispatched = [constant(argument) for argument in target.args]
                passed = [a.name for a in call.args if isinstance(a, nodes.Name)]
                if dispatched != [macro.name, PACKAGE]:
                    yield f"{place} dispatches {dispatched}, not [{macro.name!r}, {PACKAGE!r}]"
                if passed != macro.arguments:
                    yield f"{place} passes {passed} on, not {macro.arguments}"
                if f"default__{macro.name}" not in file.names:
                    yield f"{place} has no default__{macro.name}"


def dialects_follow_their_dispatcher(files: list[MacroFile]) -> Iterator[str]:
    """Dispatcher, default__, dialects alphabetically, with the same arguments."""
    for file in files:
        for index, macro in enumerate(file.macros):
            if not macro.dialect:
                continue
            place = f"{file.path}:{macro.node.lineno}: {macro.name}"
            subject = macro.name.removeprefix(f"{macro.dialect}__")
            before = file.macros[index - 1] if index else None
            if macro.dialect == "default":
                if before is None or before.name != subject:
                    yield f"{place} does not follow {subject}"
            elif before is None or not before.name.endswith(f"__{subject}"):
                yield f"{place} does not follow another {subject}"
            elif before.dialect != "default" and before.dialect > macro.dialect:
                yield f"{place} is not in alphabetical order"
            if before is not None and before.arguments != macro.arguments:
                yield f"{place} takes other arguments than {before.name}"


# Form ------------------------------------------------------------------------------------------


def files_are_named_after_a_macro(files: list[MacroFile]) -> Iterator[str]:
    """A reader finds a macro by its file."""
    for file in files:
        stem = Path(file.path).stem
        grouping = file.path in GROUPINGS or file.path.startswith("run/views/")
        if not (stem.startswith("_") or stem in file.names or grouping):
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


# Each check with files that break it, and what is said of them. What is not a whole file stands for
# the body of a macro x(a).
DISPATCH = "{{ return(adapter.dispatch('%s', '%s')(%s)) }}"
BAD: dict[Check, list[tuple[str, str]]] = {
    names_are_declared: [
        ("{{ b }}", "b in x is not declared"),
        ("{% if a %}{% set b = 1 %}{% endif %}{{ b }}", "b in x"),
        ("{% for b in a %}{% endfor %}{{ b }}", "b in x"),
        ("{% for b in a %}{% set c = b %}{% endfor %}{{ c }}", "c in x"),
        ("{% set b.n = 1 %}", "b in x"),
        ("{{ a(b=c) }}", "c in x"),
        ("{{ run_query('select 1') }}", "run_query in x"),
    ],
    calls_are_qualified: [
        ("{{ literal(1) }}", "dbt_opsplugin.literal()"),
        ("{% call statement() %}{% endcall %}", "dbt.statement()"),
    ],
    calls_fit_the_signature: [
        ("{{ dbt_opsplugin.litteral(1) }}", "does not exist"),
        ("{{ dbt_opsplugin.literal() }}", "needs value"),
        ("{{ dbt_opsplugin.literal(v=1) }}", "has no argument v"),
        ("{{ dbt_opsplugin.literal(1, 2) }}", "takes 1 arguments, not 2"),
        ("{{ dbt.type_sting() }}", "is not a macro of dbt"),
    ],
    settings_exist: [("{{ dbt_opsplugin._config('shema') }}", "shema is not in _settings()")],
    unknown_arguments_are_refused: [
        ("{{ kwargs }}", "for something else"),
        ("{% do dbt_opsplugin._validate_arguments('x', kwargs, ['b']) %}", "names ['x', ['b']]"),
        ("{% do dbt_opsplugin._validate_arguments('y', kwargs, ['a']) %}", "names ['y', ['a']]"),
    ],
    vars_are_read_in_one_place: [("{{ var('opsplugin_schema') }}", "use _config()")],
    errors_are_raised_in_one_place: [("{{ exceptions.raise_compiler_error('') }}", "use _fail()")],
    dispatchers_have_a_default: [
        (DISPATCH % ("x", "dbt_opsplugin", "a"), "has no default__x"),
        (DISPATCH % ("y", "dbt", "a"), "dispatches ['y', 'dbt']"),
        (DISPATCH % ("x", "dbt_opsplugin", ""), "passes [] on, not ['a']"),
    ],
    dialects_follow_their_dispatcher: [
        ("{% macro default__x() %}{% endmacro %}{% macro x() %}{% endmacro %}", "not follow x"),
        ("{% macro x() %}{% endmacro %}{% macro duckdb__x() %}{% endmacro %}", "another x"),
        ("{% macro b__x() %}{% endmacro %}{% macro a__x() %}{% endmacro %}", "alphabetical"),
        ("{% macro x(a) %}{% endmacro %}{% macro default__x() %}{% endmacro %}", "other arguments"),
    ],
    files_are_named_after_a_macro: [("{% macro y() %}{% endmacro %}", "holds y, not x")],
    macros_stand_two_lines_apart: [
        ("{% macro x() %}{% endmacro %}\n\n{% macro y() %}{% endmacro %}\n", "two blank lines"),
        ("{% macro x() %}{% endmacro %}\nselect 1\n", "two blank lines"),
    ],
    comments_stay_out_of_sql: [
        ("select 1 -- one", "a SQL comment"),
        ("{{ return('select 1 -- one') }}", "a SQL comment"),
    ],
    lines_are_at_most_120_long: [(" " * 121, "characters")],
    files_are_at_most_160_lines_long: [("\n" * 160, "161 lines")],
}


def bad_file(source: str) -> MacroFile:
    whole = source.startswith("{% macro")
    return read("sql/x.sql", source if whole else "{% macro x(a) %}" + source + "{% endmacro %}")


@pytest.mark.parametrize("check", BAD, ids=lambda check: check.__name__)
def test_the_macros_keep_the_convention(check: Check) -> None:
    violations = list(check(TREE))
    assert not violations, "\n".join(violations)


@pytest.mark.parametrize(
    ("check", "source", "said"),
    [(check, *example) for check, examples in BAD.items() for example in examples],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_file_that_breaks_the_convention_is_found(check: Check, source: str, said: str) -> None:
    assert said in "\n".join(check([bad_file(source)]))


def test_a_file_that_keeps_every_convention_passes_every_check() -> None:
    good = (
        "{% macro x(rows) %}\n    {#- -- why -#}\n"
        "    {{ return(adapter.dispatch('x', 'dbt_opsplugin')(rows)) }}\n{% endmacro %}\n\n\n"
        "{% macro default__x(rows) %}\n    {% set of_rows %}{{ rows }}{% endset %}\n"
        "    {% if rows %}{% set n = 1 %}{% else %}{% set n = 2 %}{% endif %}\n"
        "    {% for row in rows if row %}{{ loop.index + n }}{{ of_rows }}{% endfor %}\n"
        "{% endmacro %}\n"
    )
    for check in BAD:
        assert not list(check([read("sql/x.sql", good)])), check.__name__


# Documentation ---------------------------------------------------------------------------------


def documented() -> dict[str, tuple[str, dict[str, Any]]]:
    """name -> (folder of the YAML, entry)."""
    return {
        entry["name"]: (file.parent.name, entry)
        for file in sorted((ROOT / "macros").rglob("*.yml"))
        for entry in yaml.safe_load(file.read_text())["macros"]
    }


def is_type(text: str) -> bool:
    """Whether validate_macro_args accepts it (dbt has `bool`, and no `boolean`)."""
    plain = r"(?:str|string|bool|int|integer|float|any|relation|column)"
    text, before = re.sub(rf"\b{plain}\b", "T", text.replace(" ", "")), ""
    while text != before:
        text, before = re.sub(r"\b(?:list\[T\]|optional\[T\]|dict\[T,T\])", "T", text), text
    return text == "T"


def documentation_gaps(
    files: list[MacroFile], docs: dict[str, tuple[str, dict[str, Any]]]
) -> Iterator[str]:
    """What the YAML of a folder lacks, or has too much."""
    public = {macro.name: (file, macro) for file in files for macro in file.public}
    for name in docs.keys() - public.keys():
        yield f"{name} is documented and is no public macro"
    for name, (file, macro) in public.items():
        if name not in docs:
            yield f"{file.path}: {name} is not documented"
            continue
        folder, entry = docs[name]
        arguments = entry.get("arguments", [])
        if folder != file.path.split("/")[0]:
            yield f"{file.path}: {name} is documented in {folder}"
        if [argument["name"] for argument in arguments] != macro.arguments:
            yield f"{file.path}: the documented arguments of {name} are not {macro.arguments}"
        for argument in arguments:
            if not is_type(argument.get("type", "")):
                yield f"{file.path}: {name}: {argument['name']} has no type that dbt accepts"
        if not all(e.get("description", "").strip() for e in [entry, *arguments]):
            yield f"{file.path}: {name} or an argument of it has no description"


def test_every_public_macro_is_documented_with_exactly_its_arguments() -> None:
    assert not list(documentation_gaps(TREE, documented()))


@pytest.mark.parametrize(
    ("folder", "entry", "said"),
    [
        ("sql", {"name": "y"}, "is no public macro"),
        ("sql", {"name": "y"}, "x is not documented"),
        ("run", {"name": "x", "description": "d"}, "is documented in run"),
        ("sql", {"name": "x", "description": "d"}, "are not ['a']"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "boolean"}]}, "no type"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "dict[any]"}]}, "no type"),
        ("sql", {"name": "x", "arguments": [{"name": "a", "type": "list"}]}, "no type"),
        ("sql", {"name": "x", "description": " "}, "has no description"),
    ],
)
def test_a_gap_in_the_documentation_is_found(folder: str, entry: dict[str, Any], said: str) -> None:
    file = read("sql/x.sql", "{% macro x(a) %}{% endmacro %}")
    assert said in "\n".join(documentation_gaps([file], {entry["name"]: (folder, entry)}))


def test_the_documentation_is_one_file_per_folder_and_version_2() -> None:
    for file in (ROOT / "macros").rglob("*.yml"):
        assert file.name == f"_{file.parent.name}.yml"
        assert yaml.safe_load(file.read_text())["version"] == 2


validates_arguments = pytest.mark.skipif(
    tuple(map(int, dbt_version.split(".")[:2])) < (1, 10),
    reason="validate_macro_args came with dbt 1.10",
)


@validates_arguments
def test_dbt_finds_no_fault_in_the_documentation_of_the_package(project: Any) -> None:
    project.config["flags"]["validate_macro_args"] = True
    project.models(one="select 1 as id")
    outcome = project.dbt("parse")
    assert not [e.info.msg for e in outcome.events if e.info.level in ("warn", "error")]
    macros = outcome.result.macros
    for name in documented():
        assert macros[f"macro.{PACKAGE}.{name}"].description
    assert "{{ dbt_opsplugin.set_query_tag() }}" in (
        macros[f"macro.{PACKAGE}.set_query_tag"].description
    )


@validates_arguments
def test_dbt_does_find_a_fault_when_there_is_one(project: Any) -> None:
    project.config["flags"]["validate_macro_args"] = True
    project.write("macros/x.sql", "{% macro x(a) %}{% endmacro %}")
    project.write("macros/x.yml", "macros: [{name: x, arguments: [{name: b, type: boolean}]}]")
    events = project.dbt("parse").events
    faults = [e.info.msg for e in events if "macro x " in e.info.msg]
    assert len(faults) == 2, faults


def ops_views() -> list[str]:
    return [constant(pair.key) for pair in returned_mapping("_ops_views").items]


def test_the_names_of_the_ops_views_are_those_of_their_definitions_in_that_order() -> None:
    text = (ROOT / "macros" / "run" / "_ops_views.sql").read_text()
    names = text[: text.index("endmacro")]
    assert re.findall(r"'(ops_\w+)'", names) == ops_views()


def test_the_version_of_the_ops_tables_is_that_of_their_definitions() -> None:
    folder = ROOT / "macros" / "run"
    files = [folder / "ops_tables.sql", folder / "_ops_views.sql", *folder.glob("views/*.sql")]
    definitions = "".join(file.read_text() for file in sorted(files))
    expected = hashlib.md5(definitions.encode()).hexdigest()[:8]
    [version] = re.findall(
        r"return\('(v[\d_]+_\w{8})'\)", (folder / "_ops_version.sql").read_text()
    )
    numbers = "_".join(f"{int(number):05}" for number in __version__.split("."))
    assert version == f"v{numbers}_{expected}", f"set _ops_version to v{numbers}_{expected}"


def test_every_ops_table_and_view_is_declared_as_a_source() -> None:
    views = ops_views()
    sources = yaml.safe_load((ROOT / "models" / "ops_tables.yml").read_text())["sources"]
    declared = [table["name"] for table in sources[0]["tables"]]
    assert sorted(declared) == sorted([*ops_tables(), *views])


def ops_tables() -> list[str]:
    """Their names: the macro declares each as "name (key)"."""
    [declared] = [
        assign.node.as_const()
        for assign in OURS["ops_tables"].node.find_all(nodes.Assign)
        if isinstance(assign.target, nodes.Name) and assign.target.name == "declared"
    ]
    return [heading.split(" ")[0] for heading in declared]


def undocumented_vars(readme: str) -> list[str]:
    return [name for name in SETTINGS if f"`opsplugin_{name}`" not in readme]


def test_the_reference_in_the_readme_names_every_var() -> None:
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.exists() else ""
    if not re.search(r"^#+ .*Reference", text, re.MULTILINE):
        pytest.skip("README.md has no Reference yet")
    assert not undocumented_vars(text)


def test_a_var_that_the_readme_does_not_name_is_found() -> None:
    assert undocumented_vars("`opsplugin_schemas`, opsplugin_schema") == list(SETTINGS)


# The repository --------------------------------------------------------------------------------


def versions(root: Path) -> dict[str, str]:
    """Where the version stands -> what it is, for those places that exist."""
    found = {}
    for path, pattern in {
        "dbt_project.yml": r"^version: [\"']?([^\"'\n]+)",
        "pyproject.toml": r"^version = \"([^\"]+)\"",
        "macros/run/_ops_version.sql": r"macro package_version.*?return\('(.+?)'\)",
        "dbt_opsplugin/__init__.py": r"^__version__(?:: \w+)? = \"([^\"]+)\"",
    }.items():
        file = root / path
        match = re.search(pattern, file.read_text(), re.M | re.S) if file.exists() else None
        if match:
            found[path] = match[1]
    return found


def test_there_is_one_version() -> None:
    found = versions(ROOT)
    assert {"dbt_project.yml", "macros/run/_ops_version.sql"} <= found.keys()
    assert len(set(found.values())) == 1, found
    pyproject = ROOT / "pyproject.toml"
    if pyproject.exists() and "\nversion" in pyproject.read_text().partition("[project]")[2]:
        assert "pyproject.toml" in found


def test_a_second_version_is_seen(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: x\nversion: 0.1.0\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.2.0"\n')
    assert versions(tmp_path) == {"dbt_project.yml": "0.1.0", "pyproject.toml": "0.2.0"}


def test_no_module_shadows_the_attribute_that_dbt_reads() -> None:
    assert not (ROOT / "dbt_opsplugin" / "plugins.py").exists()


# Written so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~$}-])/" + r"(?:work|tmp)/"),
    "an unfinished piece": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b"),
}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    assert not [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in tracked()
        for number, line in enumerate(file.read_text(errors="ignore").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]


@pytest.mark.parametrize(
    ("what", "line", "found"),
    [
        ("a path of one machine", "see /" + "work/main/x", True),
        ("a path of one machine", "'/" + "tmp/x.duckdb'", True),
        ("a path of one machine", "https://host/" + "work/x and {root}/" + "tmp/x", False),
        ("an unfinished piece", "# TO" + "DO: later", True),
        ("an unfinished piece", "mas" + "TO" + "DON", False),
    ],
)
def test_the_patterns_find_what_they_shall(what: str, line: str, found: bool) -> None:
    assert bool(FORBIDDEN[what].search(line)) is found
