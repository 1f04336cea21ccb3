"""Fewer garbage collections during a command.

dbt keeps nearly all that it makes until it ends, and Python looks through it again and again: some
6% of the processor time of a run of 1,000 models, for 4 MB of memory (benchmarks/README.md)."""

from __future__ import annotations

import gc

__all__ = ["collect_as_before", "collect_less"]

THRESHOLDS = (10_000, 10, 10)
"""Instead of Python's 700, 10, 10 (2,000 from 3.13): the new objects between two collections."""

_before: tuple[int, int, int] | None = None


def collect_less() -> None:
    """Unless somebody has set larger thresholds, or switched the collector off."""
    global _before
    if gc.isenabled() and 0 < gc.get_threshold()[0] < THRESHOLDS[0]:
        _before = gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)


def collect_as_before() -> None:
    """After the command, unless somebody has set other thresholds since."""
    if _before is not None and gc.get_threshold() == THRESHOLDS:
        gc.set_threshold(*_before)
