"""The Python half of dbt-opsplugin; its macros do all that SQL can and need none of it.

dbt imports every installed module whose name starts with `dbt_` on every command, so this
module imports nothing until dbt asks for its plugins.
"""

from __future__ import annotations

__all__ = ["__version__", "plugins"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name == "plugins":
        try:
            from dbt_opsplugin.hosts.dbt_core import OpsPlugin
        except Exception as error:
            # A dbt that we do not know: the macros record by themselves.
            import warnings

            # Once: dbt asks twice.
            globals()["plugins"] = []
            warnings.warn(f"dbt_opsplugin is switched off: {error!r}", stacklevel=2)
            return []
        return [OpsPlugin]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
