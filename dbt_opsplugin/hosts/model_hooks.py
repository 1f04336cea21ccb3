"""What happens around each model, through the two methods by which dbt lets an adapter act: dbt
calls `pre_model_hook` before a model and `post_model_hook` in a finally, so also when it failed.

Both are replaced on the one adapter object of a dbt command, which dbt throws away at the
command's end, and not on its class, which would outlive it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dbt_opsplugin.runs import Row

__all__ = ["around_models"]

_KINDS = {"model", "seed", "snapshot"}


@dataclass
class _Context:
    """What dbt hands from the first method to the second: the adapter's own, and the model."""

    inner: Any
    model: Row


def around_models(
    adapter: Any, start: Callable[[Row], None], finish: Callable[[Row], None]
) -> None:
    """Lets `start` and `finish` be called around every model, seed and snapshot, in its thread
    and with its connection. Neither may raise."""
    pre, post = adapter.pre_model_hook, adapter.post_model_hook

    def pre_model_hook(config: Any) -> Any:
        model = _row(config)
        inner = pre(config)
        if model is None:
            return inner
        start(model)
        return _Context(inner, model)

    def post_model_hook(config: Any, context: Any) -> None:
        if not isinstance(context, _Context):
            post(config, context)
            return
        try:
            post(config, context.inner)
        finally:
            finish(context.model)

    adapter.pre_model_hook, adapter.post_model_hook = pre_model_hook, post_model_hook


def _row(config: Any) -> Row | None:
    """None for what is no model, and for one that we cannot read."""
    node: Any = getattr(config, "model", None)
    kind = str(getattr(node, "resource_type", ""))
    if kind not in _KINDS:
        return None
    with contextlib.suppress(Exception):
        return _model_row(node, kind)
    return None


def _model_row(node: Any, kind: str) -> Row:
    return {
        "unique_id": node.unique_id,
        "resource_type": kind,
        "name": node.name,
        "materialized": node.config.materialized,
        "database_name": node.database,
        "schema_name": node.schema,
        "alias": node.alias,
        "tags": list(node.tags),
        "meta": dict(node.config.meta or {}),
    }
