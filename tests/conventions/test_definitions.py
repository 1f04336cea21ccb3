"""What is said of the ops tables in two places is one."""

from __future__ import annotations

import hashlib
import re

import yaml
from jinja2 import nodes
from macro_files import OURS, ROOT

from dbt_opsplugin import __version__


def ops_views() -> list[str]:
    """Every view that is defined, in whatever order."""
    folder = ROOT / "macros" / "run"
    definitions = [folder / "_ops_views.sql", *sorted(folder.glob("views/*.sql"))]
    text = "".join(file.read_text() for file in definitions)
    return re.findall(r"^ +'(ops_\w+)': ", text, re.MULTILINE)


def test_the_names_of_the_ops_views_are_those_of_their_definitions() -> None:
    text = (ROOT / "macros" / "run" / "_ops_views.sql").read_text()
    names = re.findall(r"'(ops_\w+)'", text[: text.index("endmacro")])
    assert sorted(names) == sorted(ops_views())


def test_the_version_of_the_ops_tables_is_that_of_their_definitions() -> None:
    folder = ROOT / "macros" / "run"
    files = [folder / "ops_tables.sql", folder / "_ops_views.sql", *folder.glob("views/*.sql")]
    files += (ROOT / "macros" / "engines").glob("*/views.sql")
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
