"""What the recorder takes from dbt's events, where no engine here sends the like."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.events.types import NodeFinished, ResourceReport
from dbt_common.events.base_types import EventLevel, msg_from_base_event

from dbt_opsplugin.recorder import Recorder


@pytest.mark.parametrize(
    ("said", "bytes_processed"),
    [
        ({"bytes_processed": 10**12}, 10**12),
        ({"data_scanned_in_bytes": 512}, 512),
        ({"bytes_processed": 0}, 0),
        ({}, None),
    ],
    ids=["bigquery", "athena", "none", "not said"],
)
def test_the_bytes_of_a_statement_are_found_under_the_names_that_adapters_give_them(
    said: dict[str, Any], bytes_processed: int | None
) -> None:
    node = {"unique_id": "model.shop.fct", "resource_type": "model", "node_name": "fct"}
    response = {**AdapterResponse("OK").to_dict(), **said}
    event = NodeFinished(
        node_info=node, run_result={"status": "success", "adapter_response": response}
    )
    recorder = Recorder({"invocation_id": "1"}, lambda *_: None)
    recorder.handle(msg_from_base_event(event, level=EventLevel.INFO))
    [row] = recorder.run.results
    assert row.get("bytes_processed") == bytes_processed


@pytest.mark.parametrize(("platform", "said"), [("linux", 300 * 1024), ("darwin", 300 * 1024**2)])
def test_memory_is_bytes_whatever_the_platform_counts(
    monkeypatch: pytest.MonkeyPatch, platform: str, said: int
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    recorder = Recorder({"invocation_id": "1"}, lambda *_: None)
    event = ResourceReport(process_mem_max_rss=said)
    recorder.handle(msg_from_base_event(event, level=EventLevel.DEBUG))
    end = recorder.finish(True, 1.0).end
    assert end is not None
    assert end["peak_memory"] == 300 * 1024**2
