"""The conventions of the macros (macro_checks) are kept by the tree, and each finds a bad example."""

from __future__ import annotations

import pytest
from macro_checks import (
    Check,
    calls_are_qualified,
    calls_fit_the_signature,
    comments_stay_out_of_sql,
    dialects_have_their_place,
    dispatches_are_of_engines,
    errors_are_raised_in_one_place,
    files_are_at_most_160_lines_long,
    files_are_named_after_a_macro,
    lines_are_at_most_120_long,
    macros_stand_two_lines_apart,
    names_are_declared,
    settings_exist,
    unknown_arguments_are_refused,
    vars_are_read_in_one_place,
    what_gives_no_text_is_trimmed,
)
from macro_files import (
    OF_ENGINES,
    OURS,
    TREE,
    MacroFile,
    dispatches,
    read,
)

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
    dispatches_are_of_engines: [
        (DISPATCH % ("x", "dbt_opsplugin", "a"), "is it in engines/README.md?"),
        (DISPATCH % ("literal", "dbt", "a"), "is it in engines/README.md?"),
        (
            DISPATCH % ("literal", "dbt_opsplugin", ""),
            "passes 0 arguments to literal, not ['value']",
        ),
    ],
    dialects_have_their_place: [
        ("{% macro duckdb__literal(value) %}{% endmacro %}", "is in sql"),
        ("{% macro default__x() %}{% endmacro %}", "is not in engines/README.md"),
        ("{% macro default__literal() %}{% endmacro %}", "other arguments than ['value']"),
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
    what_gives_no_text_is_trimmed: [
        ("{% macro x() %}\n    {% do return('') %}\n{%- endmacro %}\n", "x.sql:2: gives no text"),
        ("{% macro x() %}\n    {#- It. -#}\n    {%- set y = 1 %}\n{% endmacro %}\n", "x.sql:4: "),
    ],
}


def test_what_an_engine_may_have_exists_for_every_other_one() -> None:
    """dbt looks for it when it reads a caller, whatever the engine."""
    defaults = {name.removeprefix("default__") for name in OURS if name.startswith("default__")}
    assert defaults == OF_ENGINES.keys()


def test_what_an_engine_may_have_is_called_somewhere() -> None:
    called = {dispatched[0] for file in TREE for _, dispatched, _ in dispatches(file)}
    assert called == OF_ENGINES.keys()


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
        "    {{ return(adapter.dispatch('literal', 'dbt_opsplugin')(rows)) }}\n{% endmacro %}\n\n\n"
        "{% macro _y(rows) %}\n    {% set of_rows %}{{ rows }}{% endset %}\n"
        "    {% if rows %}{% set n = 1 %}{% else %}{% set n = 2 %}{% endif %}\n"
        "    {% for row in rows if row %}{{ loop.index + n }}{{ of_rows }}{% endfor %}\n"
        "{% endmacro %}\n"
    )
    for check in BAD:
        assert not list(check([read("sql/x.sql", good)])), check.__name__
