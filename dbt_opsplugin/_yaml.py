"""Reads the YAML files of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dbt_opsplugin.errors import UsageError

__all__ = ["read_yaml"]


def read_yaml(file: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping; nothing in it is an empty one.

    Raises:
        UsageError: it is not YAML, or no mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not YAML: {' '.join(str(error).split())}") from error
    if content is not None and not isinstance(content, dict):
        raise UsageError(f"{file} is not a mapping: correct it first")
    return dict(content or {})
