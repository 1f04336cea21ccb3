"""What of a message is kept."""

from __future__ import annotations

import pytest

from dbt_opsplugin.hosts.invocation import scrubbed


def test_secrets_of_the_environment_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_TOKEN", "t0ps3cret")
    said = 'IO Error: Cannot open file "/data/t0ps3cret/p.duckdb"'
    assert scrubbed(said) == 'IO Error: Cannot open file "/data/*****/p.duckdb"'


def test_vars_of_the_command_line_are_taken_out() -> None:
    said = "Required var 'a' not found in config:\nVars supplied to m = {\n    \"b\": {\n  }\n}\n> in m"
    assert scrubbed(said) == "Required var 'a' not found in config:\nVars supplied to m = ..."
