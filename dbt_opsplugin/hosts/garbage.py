"""Fewer garbage collections during a command.

dbt keeps nearly all that it makes until it ends, and Python looks through it again and again: some
6% of the processor time of a run of 1,000 models, for 4 MB of memory (benchmarks/README.md)."""

from __future__ import annotations

import gc

__all__ = ["collect_as_before", "collect_less"]

THRESHOLD = 10_000
"""The new objects between two collections, instead of Python's 700 (2,000 from 3.13)."""

_changed: tuple[tuple[int, ...], tuple[int, ...]] | None = None
"""The thresholds before, and as Python gives them back since."""


def collect_less() -> None:
    """Unless somebody has set a larger threshold, or switched the collector off."""
    global _changed
    before = gc.get_threshold()
    if gc.isenabled() and 0 < before[0] < THRESHOLD:
        gc.set_threshold(THRESHOLD, *before[1:])
        _changed = before, gc.get_threshold()


def collect_as_before() -> None:
    """After the command, unless somebody has set other thresholds since."""
    global _changed
    if _changed is not None and gc.get_threshold() == _changed[1]:
        gc.set_threshold(*_changed[0])
    _changed = None
