"""Errors that a user can act on; only the CLI catches them.

OpsError                exit code 1
└── UsageError          exit code 2: what was asked for cannot be done as it was asked
"""

from __future__ import annotations

__all__ = ["OpsError", "UsageError"]


class OpsError(Exception):
    """Names the value, the place and the remedy."""

    exit_code = 1


class UsageError(OpsError):
    exit_code = 2
