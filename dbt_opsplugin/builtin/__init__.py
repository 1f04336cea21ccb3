"""Our own features, written as plugins: what a third party can do, they do in the same way."""

from __future__ import annotations

__all__ = ["plugins"]


def plugins() -> list[tuple[str, object]]:
    """A new set of them, for one run: (name, plugin)."""
    from dbt_opsplugin.builtin.checks import Checks
    from dbt_opsplugin.builtin.model_size import ModelSize
    from dbt_opsplugin.builtin.session_tag import SessionTag

    return [
        ("checks", Checks()),
        ("model_size", ModelSize()),
        ("session_tag", SessionTag()),
    ]
