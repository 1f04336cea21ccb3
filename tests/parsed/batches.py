"""A script of SQL Server or Fabric as it was at first, and what is sent there as it is sent."""

from __future__ import annotations

import re
from typing import Any

from scripted import Script, Warehouse, columns_of, sent_by

__all__ = ["batches", "refreshed"]


def refreshed(warehouse: Warehouse) -> Warehouse:
    vars(warehouse.script).update(vars(Script()))
    warehouse.script.columns = columns_of(warehouse)
    warehouse.script.definition = "create view main.stg_view as select 1 as id"
    for name in ("model", "target"):
        warehouse.call.context.pop(name, None)
    return warehouse


def batches(warehouse: Warehouse, macro: str, **arguments: Any) -> list[str]:
    """Without the comments of dbt; each statement in them is one of the engine."""
    sent_by(warehouse, macro, **arguments)
    return [re.sub(r"^/\*.*?\*/\s*", "", sql, flags=re.S) for sql in warehouse.script.sent]
