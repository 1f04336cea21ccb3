"""Reads the YAML files of a project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dbt_opsplugin.errors import UsageError

__all__ = ["read_yaml", "rendered"]


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


def rendered(text: str) -> str:
    """A value of dbt_project.yml with what dbt takes from the environment for it.

    Raises:
        UsageError: it needs more than the environment.
    """
    if "{{" not in text:
        return text
    try:
        from jinja2 import Environment, StrictUndefined

        template = Environment(undefined=StrictUndefined).from_string(text)
        return template.render(env_var=_env_var)
    except Exception as error:
        raise UsageError(
            f"{text} cannot be rendered ({error!r}): set what it reads; only env_var is known here"
        ) from error


def _env_var(name: str, default: str | None = None) -> str:
    return os.environ[name] if default is None else os.environ.get(name, default)
