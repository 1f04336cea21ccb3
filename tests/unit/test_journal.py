"""The journal: what was appended is there, whatever happens to the process or the file."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dbt_opsplugin.journal import SUFFIX, Journal, abandoned, trim
from dbt_opsplugin.runs import Run, run_row


def written(folder: Path, results: int = 3, invocation_id: str = "a") -> Path:
    """A journal as a killed process leaves it."""
    journal = Journal.create(folder, invocation_id)
    journal.append("facts", {"invocation_id": invocation_id}, "2026-01-01 00:00:00")
    for number in range(results):
        journal.append(
            "result",
            {"unique_id": f"é{number}\n\"'", "status": "success"},
            f"2026-01-01 00:00:0{number}",
        )
    journal.close()
    return journal.path


def test_a_run_is_read_back_as_it_was_appended(tmp_path: Path) -> None:
    written(tmp_path)
    (journal,) = abandoned(tmp_path)
    run = journal.read()
    assert run is not None
    assert [row["unique_id"] for row in run.results] == [f"é{n}\n\"'" for n in range(3)]
    assert run_row(run)["status"] == "interrupted"
    assert run_row(run)["completed_at"] == "2026-01-01 00:00:02"


def test_what_a_killed_run_had_begun_has_a_row_and_what_it_had_not_has_none(tmp_path: Path) -> None:
    path = written(tmp_path, results=0)
    records = [
        ("start", {"unique_id": "whole"}),
        ("result", {"unique_id": "whole", "status": "success"}),
        ("start", {"unique_id": "cut off", "started_at": "2026-01-01 00:00:05"}),
        # A model in batches: it begins, and so does each of them.
        ("start", {"unique_id": "batches"}),
        ("start", {"unique_id": "batches"}),
        ("result", {"unique_id": "batches", "status": "success"}),
        ("start", {"unique_id": "batches"}),
    ]
    with path.open("a") as file:
        for kind, row in records:
            file.write(json.dumps({"kind": kind, "row": row}) + "\n")
    [journal] = abandoned(tmp_path)
    run = journal.read()
    assert run is not None
    results = {row["unique_id"]: row for row in run.results}
    assert {unique_id: row["status"] for unique_id, row in results.items()} == {
        "whole": "success",
        "cut off": "interrupted",
        "batches": "interrupted",
    }
    assert results["cut off"]["started_at"] == "2026-01-01 00:00:05"
    assert run_row(run)["status_counts"] == {"success": 1, "interrupted": 2}


def test_a_journal_cut_at_any_byte_of_its_last_record_loses_only_that_record(
    tmp_path: Path,
) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for length in range(start, len(whole)):
        path.write_bytes(whole[:length])
        (journal,) = abandoned(tmp_path)
        run = journal.read()
        assert run is not None
        assert len(run.results) == 2, length


def test_garbage_at_the_end_costs_nothing_before_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    row = b'{"kind": "result", "row": [1]}\n'
    for garbage in (b"\0" * 100, b"[1]\n", b"{}\n", b"\xff\xfe\n", b'{"kind": "x"}\n', row):
        path.write_bytes(whole + garbage)
        (journal,) = abandoned(tmp_path)
        run = journal.read()
        assert run is not None
        assert len(run.results) == 3


def test_an_empty_journal_is_no_run(tmp_path: Path) -> None:
    (tmp_path / f"a{SUFFIX}").write_bytes(b"")
    (journal,) = abandoned(tmp_path)
    assert journal.read() is None


def test_the_journal_of_a_living_process_is_left_alone_and_of_a_killed_one_is_taken(
    tmp_path: Path,
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from dbt_opsplugin.journal import Journal;"
        "j = Journal.create(Path(sys.argv[1]), 'b'); j.append('facts', {'invocation_id': 'b'}, '');"
        "print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "ready\n"
        assert list(abandoned(tmp_path)) == []
        process.kill()
        process.wait()
    assert [journal.path.name for journal in abandoned(tmp_path)] == [f"b{SUFFIX}"]


def test_where_files_cannot_be_locked_a_journal_is_left_when_it_is_a_day_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    path = written(tmp_path)
    assert list(abandoned(tmp_path)) == []
    os.utime(path, (time.time() - 90_000,) * 2)
    (journal,) = abandoned(tmp_path)
    assert journal.read() is not None


def test_threads_do_not_cut_into_each_others_records(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "a")
    journal.append("facts", {"invocation_id": "a"}, "")

    def work(number: int) -> None:
        for i in range(200):
            journal.append("result", {"unique_id": f"{number}-{i}", "text": "x" * 5000}, "")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run = journal.read()
    journal.close()
    assert run is not None
    assert len({row["unique_id"] for row in run.results}) == 800


def test_an_acknowledged_journal_is_gone(tmp_path: Path) -> None:
    written(tmp_path)
    (journal,) = abandoned(tmp_path)
    journal.acknowledge()
    assert list(tmp_path.glob("*.jsonl")) == []


def test_the_folder_is_bounded_and_the_oldest_runs_go_first(tmp_path: Path) -> None:
    for name in "abc":
        path = written(tmp_path, invocation_id=name)
        os.utime(path, (time.time() - 100 + ord(name),) * 2)
    size = path.stat().st_size
    assert trim(tmp_path, limit=10 * size) == 0
    assert trim(tmp_path, limit=2 * size) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".jsonl") == [
        f"b{SUFFIX}",
        f"c{SUFFIX}",
    ]


def test_git_ignores_the_folder(tmp_path: Path) -> None:
    written(tmp_path / "new")
    assert (tmp_path / "new" / ".gitignore").read_text() == "*\n"


def test_the_status_of_a_run_comes_from_its_results_and_its_end() -> None:
    def status(success: bool, *results: str) -> str:
        run = Run(
            {"invocation_id": "a"}, [{"status": s} for s in results], end={"success": success}
        )
        return str(run_row(run)["status"])

    assert status(True, "success", "pass", "warn", "no-op") == "success"
    assert status(False, "success", "error", "skipped") == "error"
    assert status(False, "success") == "error"
    assert status(True, "something new") == "error"


def test_importing_the_package_is_cheap_and_pulls_in_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import dbt_opsplugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert {name.partition(".")[0] for name in output.split()} <= {"dbt_opsplugin", "__future__"}
    used = (
        "import sys; import dbt_opsplugin.runs, dbt_opsplugin.journal, dbt_opsplugin.recorder;"
        "print([m for m in ('dbt', 'click', 'pluggy', 'duckdb') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", used], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
