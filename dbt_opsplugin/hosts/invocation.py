"""What dbt Core gives to a command at work: its environment, its log, and how it ends."""

from __future__ import annotations

import contextlib
import re
import sys

from dbt_common.context import get_invocation_context
from dbt_common.events.base_types import EventLevel
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note
from dbt_common.exceptions import env_secrets, scrub_secrets

from dbt_opsplugin import __version__

__all__ = [
    "RECORDER_KEY",
    "environment",
    "is_interrupted",
    "reason",
    "require_supported",
    "scrubbed",
    "warn",
]

RECORDER_KEY = "DBT_OPSPLUGIN_RECORDER"
"""Set in dbt's invocation environment while a recorder is at work; the macros read it."""

SUPPORTED = ((1, 8), (1, 12))
"""The first and the last dbt Core that this has been run with."""


def require_supported(version: str) -> None:
    first, last = SUPPORTED
    if not first <= tuple(int(part) for part in re.findall(r"\d+", version)[:2]) <= last:
        known = " to ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
        raise RuntimeError(
            f"dbt Core {version} is not supported by dbt-opsplugin {__version__}, which knows"
            f" {known}: use another version of one of them, or set DBT_OPSPLUGIN=off"
        )


def environment() -> dict[str, str]:
    env = get_invocation_context().env
    if not isinstance(env, dict):
        raise TypeError(f"dbt's invocation environment is a {type(env).__name__}")
    return env


def is_interrupted(handled: BaseException | None) -> bool:
    """Whether Ctrl-C is what ends the command, of which dbt raises an error of its own.

    Args:
        handled: what the caller of dbt was already dealing with.
    """
    error = sys.exc_info()[1]
    while error is not None and error is not handled:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            return True
        error = error.__context__
    return False


def scrubbed(message: str) -> str:
    """Without the secrets of the environment, as dbt's own log has it, and without the vars of the
    command line, which dbt lists where one is missing."""
    text = str(scrub_secrets(message, env_secrets()))
    return re.sub(r"(?s)(Vars supplied to [^\n]*? = )\{.*", r"\1...", text)


def reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def warn(message: str) -> None:
    """One line in dbt's own log; a warning that cannot be logged is not worth a run."""
    with contextlib.suppress(Exception):
        fire_event(Note(msg=f"dbt_opsplugin: {message}"), level=EventLevel.WARN)
