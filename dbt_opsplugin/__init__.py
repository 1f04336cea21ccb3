"""The Python half of dbt-opsplugin; its macros do all that SQL can and need none of it.

dbt imports every installed module whose name starts with `dbt_` on every command, so this
module imports nothing until dbt asks for its plugins.
"""

from __future__ import annotations

import os

__all__ = ["__version__", "is_switched_off", "plugins"]

__version__ = "0.1.0"


def is_switched_off() -> bool:
    """By the environment: the macros record by themselves."""
    return os.environ.get("DBT_OPSPLUGIN", "").lower() in ("off", "0", "false")


def _warn(error: Exception) -> None:
    import contextlib
    import warnings

    # Where warnings are errors, this one is none.
    with contextlib.suppress(Exception):
        warnings.warn(
            f"dbt-opsplugin {__version__} is switched off, it does not know this dbt: {error!r}"
            "; upgrade dbt-opsplugin, or set DBT_OPSPLUGIN=off",
            stacklevel=3,
        )


def __getattr__(name: str) -> object:
    if name == "plugins":
        try:
            from dbt_opsplugin.hosts.dbt_core import OpsPlugin
        except Exception as error:
            # A dbt that we do not know: the macros record by themselves.
            # Once: dbt asks twice.
            globals()["plugins"] = []
            if not is_switched_off():
                _warn(error)
            return []
        return [OpsPlugin]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
