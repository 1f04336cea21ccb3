"""The Python half of dbt-opsplugin; its macros do all that SQL can and need none of it.

dbt imports every installed module whose name starts with `dbt_` on every command, so this
module imports nothing.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
