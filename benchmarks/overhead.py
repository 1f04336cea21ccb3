"""What the product costs: the same synthetic project without it, with the macro package, and with
both halves, side by side.

    python benchmarks/overhead.py --models 100 1000 --rounds 5
    python benchmarks/overhead.py --models 100 1000 --rounds 5 --shape usual
    python benchmarks/overhead.py --models 100 --commands run --shape usual --rows 20000000

Every sample is a real dbt process on DuckDB with the production target. The projects take turns,
and who goes first alternates, so that other load on the machine hits all alike."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import duckdb

REPOSITORY = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
DBT = Path(sys.executable).with_name("dbt")
PARSE, LIST = "parse", "ls"
COMMANDS = ["run", "build", PARSE, LIST]
VARIANTS = BARE, MACROS, BOTH = "bare", "macros", "both"
SHAPES = SMALLEST, USUAL = "smallest", "usual"
# The targets of the project: shares of what dbt takes without it, seconds, and MB.
SHARE, HOOK_SECONDS, PARSE_SHARE, MEMORY, START_SECONDS = 0.02, 0.5, 0.05, 20, 0.05


@dataclass(frozen=True)
class Sample:
    """One dbt process: wall and processor seconds, peak memory in MB, seconds in our hooks."""

    models: int
    command: str
    variant: str
    round: int
    seconds: float
    cpu: float
    memory: float
    hooks: float


def smallest_models(models: int) -> Iterator[tuple[str, str, str]]:
    """Name, SQL and YAML of each model: one row, one test, half views and half tables."""
    for number in range(models):
        name, kind = f"model_{number:05}", "table" if number % 2 else "view"
        sql = f"{{{{ config(materialized='{kind}') }}}}\nselect {number} as id\n"
        yield name, sql, f"  - {{name: {name}, columns: [{{name: id, data_tests: [not_null]}}]}}"


def usual_models(models: int, rows: int) -> Iterator[tuple[str, str, str]]:
    """As `smallest_models`, with what projects have: models that read one another, queries over
    `rows` rows, documented columns, three tests, meta."""
    for number in range(models):
        name, kind = f"model_{number:05}", "view" if number % 4 == 0 else "table"
        parents = sorted({number // 2, number // 3}) if number else []
        joins = "".join(
            f"left join {{{{ ref('model_{parent:05}') }}}} as parent_{parent}\n"
            f"    on parent_{parent}.customer_id = grouped.customer_id\n"
            for parent in parents
        )
        sql = f"""{{{{ config(materialized='{kind}', tags=['layer_{number % 5}']) }}}}

with orders as (
    select
        range as order_id,
        hash(range + {number}) % 1000 as customer_id,
        hash(range * 3) % 100000 / 100.0 as amount
    from range({rows})
),
{{% set states = ['placed', 'shipped', 'returned'] %}}
grouped as (
    select
        customer_id,
        {{% for state in states -%}}
        sum(case when order_id % 3 = {{{{ loop.index0 }}}} then amount end)
            as {{{{ state }}}}_amount,
        {{% endfor %}}
        count(*) as order_count
    from orders
    group by customer_id
)
select grouped.*
from grouped
{joins}"""
        columns = "".join(
            f"\n      - {{name: {column}, description: The {column} of the customer.{tests}}}"
            for column, tests in [
                ("customer_id", ", data_tests: [not_null, unique]"),
                ("placed_amount", ""),
                ("shipped_amount", ""),
                ("returned_amount", ""),
                ("order_count", ", data_tests: [not_null]"),
            ]
        )
        yield (
            name,
            sql,
            (
                f"  - name: {name}\n    description: Orders by customer, part {number}.\n"
                f"    config: {{meta: {{owner: team_{number % 7}}}}}\n    columns:{columns}"
            ),
        )


class Project:
    """N models of a shape, with their tests."""

    def __init__(
        self, folder: Path, models: int, variant: str, arguments: argparse.Namespace
    ) -> None:
        self.root = folder / f"{variant}_{models}"
        self.models, self.variant = models, variant
        (self.root / "models").mkdir(parents=True)
        self.write("dbt_project.yml", "name: bench\nversion: '1.0'\nprofile: bench\n")
        self.write(
            "profiles.yml",
            "bench: {target: prod, outputs: {prod: {type: duckdb, path: bench.duckdb,"
            f" threads: {arguments.threads}}}}}}}\n",
        )
        described = []
        shape = arguments.shape
        for name, sql, yaml in (
            smallest_models(models) if shape == SMALLEST else usual_models(models, arguments.rows)
        ):
            self.write(f"models/{name}.sql", sql)
            described.append(yaml)
        self.write("models/schema.yml", "models:\n" + "\n".join(described) + "\n")
        if variant != BARE:
            self.write("packages.yml", f"packages:\n  - local: {REPOSITORY}\n")
            (self.root / "dbt_packages").mkdir()
            (self.root / "dbt_packages" / "dbt_opsplugin").symlink_to(REPOSITORY)

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def run(self, command: str, round: int) -> Sample:
        """Runs a dbt command in a process of its own; `parse` without the saved manifest."""
        arguments = [str(DBT), command, *(["--no-partial-parse"] if command == PARSE else [])]
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        environment["DBT_OPSPLUGIN"] = "on" if self.variant == BOTH else "off"
        output = self.root / "output.txt"
        with output.open("w") as file:
            started = time.perf_counter()
            process = subprocess.Popen(
                arguments, cwd=self.root, env=environment, stdout=file, stderr=file
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(arguments)} failed in {self.root}:\n{output.read_text()[-3000:]}")
        return Sample(
            models=self.models,
            command=command,
            variant=self.variant,
            round=round,
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss / 1024,
            hooks=0.0 if command in (PARSE, LIST) else self.hook_seconds(),
        )

    def hook_seconds(self) -> float:
        """Of our hooks in the last run, as dbt measured them."""
        results = json.loads((self.root / "target" / "run_results.json").read_text())["results"]
        return sum(
            result["execution_time"]
            for result in results
            if result["unique_id"].startswith("operation.dbt_opsplugin.")
        )

    def recorded_runs(self) -> int:
        with duckdb.connect(str(self.root / "bench.duckdb")) as connection:
            sql = "select count(*) from ops.ops_runs where node_count >= ?"
            return connection.execute(sql, [self.models]).fetchall()[0][0]


def measure(models: int, arguments: argparse.Namespace, folder: Path) -> Iterator[Sample]:
    """Samples of every project, in turns, after one run of each that is not counted."""
    projects = [Project(folder, models, variant, arguments) for variant in VARIANTS]
    for project in projects:
        project.run("run", 0)
    for round in range(1, arguments.rounds + 1):
        for command in arguments.commands:
            for turn in range(len(projects)):
                yield projects[(round + turn) % len(projects)].run(command, round)
    runs = 1 + arguments.rounds * len([c for c in arguments.commands if c not in (PARSE, LIST)])
    for project in projects[1:]:
        if (recorded := project.recorded_runs()) != runs:
            sys.exit(f"{project.variant}: {recorded} of {runs} runs were recorded: figures lie")


def summary(samples: list[Sample], variant: str) -> dict[str, float | int | str]:
    """The medians of one variant beside the bare ones, of one number of models and command."""

    def field(of: str, name: str) -> list[float]:
        taken = sorted((s for s in samples if s.variant == of), key=lambda sample: sample.round)
        return [getattr(sample, name) for sample in taken]

    def ratio(name: str) -> float:
        pairs = zip(field(BARE, name), field(variant, name), strict=True)
        return statistics.median(ours / bare for bare, ours in pairs)

    return {
        "models": samples[0].models,
        "command": samples[0].command,
        "variant": variant,
        **{
            f"{of}_{name}": statistics.median(field(key, name))
            for of, key in (("bare", BARE), ("our", variant))
            for name in ("seconds", "cpu", "memory")
        },
        "ratio": ratio("seconds"),
        "cpu_ratio": ratio("cpu"),
        "hooks": statistics.median(field(variant, "hooks")),
    }


def verdict(row: dict[str, float | int | str]) -> str:
    """Whether a row keeps the targets; a limit in seconds is for 1,000 models and fewer. Shares
    are of processor time, which other load on the machine moves least."""
    share = PARSE_SHARE if row["command"] == PARSE else SHARE
    problems = []
    if row["command"] == LIST:
        added = float(row["our_cpu"]) - float(row["bare_cpu"])
        return "ok" if added <= START_SECONDS else f"over {START_SECONDS} s"
    if float(row["cpu_ratio"]) > 1 + share:
        problems.append(f"over {share:.0%}")
    if float(row["hooks"]) >= HOOK_SECONDS and int(row["models"]) <= 1000:
        problems.append(f"over {HOOK_SECONDS} s")
    if float(row["our_memory"]) - float(row["bare_memory"]) > MEMORY:
        problems.append(f"over {MEMORY} MB")
    return ", ".join(problems) or "ok"


def table(rows: list[dict[str, float | int | str]]) -> str:
    lines = [
        "| models | command | with | bare, s | ours, s | ratio | bare CPU, s | ours | CPU ratio "
        "| hooks, s | memory, MB | target |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            "| {models} | {command} | {variant} | {bare_seconds:.2f} | {our_seconds:.2f} "
            "| {ratio:.3f} | {bare_cpu:.2f} | {our_cpu:.2f} | {cpu_ratio:.3f} | {hooks:.3f} "
            "| {bare_memory:.0f} -> {our_memory:.0f} | {verdict} |".format(
                **row, verdict=verdict(row)
            )
        )
    return "\n".join(lines)


def machine() -> dict[str, object]:
    commit = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    described = subprocess.run(commit, capture_output=True, text=True, check=False)
    return {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commit": described.stdout.strip(),
        "python": platform.python_version(),
        "dbt": version("dbt-core"),
        "duckdb": version("duckdb"),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--models", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shape", choices=SHAPES, default=SMALLEST, help="of the models")
    parser.add_argument("--rows", type=int, default=2_000_000, help="that a usual model reads")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--commands", nargs="+", default=COMMANDS, choices=COMMANDS, help="of dbt")
    return parser.parse_args()


def main() -> None:
    arguments = parsed_arguments()
    before = machine()
    samples: list[Sample] = []
    rows = []
    folder = Path(tempfile.mkdtemp(prefix="dbt_opsplugin_overhead_"))
    try:
        for models in arguments.models:
            for sample in measure(models, arguments, folder):
                samples.append(sample)
                print(
                    f"{sample.round}/{arguments.rounds} {models} {sample.command} {sample.variant}:"
                    f" {sample.seconds:.2f} s, CPU {sample.cpu:.2f} s, hooks {sample.hooks:.3f} s",
                    file=sys.stderr,
                    flush=True,
                )
            for command in arguments.commands:
                of = [s for s in samples if (s.models, s.command) == (models, command)]
                rows += [summary(of, variant) for variant in VARIANTS[1:]]
    finally:
        shutil.rmtree(folder)
    print(table(rows))
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"overhead-{datetime.now():%Y%m%d-%H%M%S}.json"
    file.write_text(
        json.dumps(
            {
                "machine": {**before, "load_after": os.getloadavg()[0]},
                "arguments": vars(arguments),
                "medians": rows,
                "samples": [asdict(sample) for sample in samples],
            },
            indent=2,
        )
    )
    print(f"\n{file}")


if __name__ == "__main__":
    main()
