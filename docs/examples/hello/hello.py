"""Writes one line per failed node, alert and run to the file that HELLO_FILE names, and adds
`dbt-ops hello`, which prints that file."""

import os
from pathlib import Path

import click

from dbt_opsplugin.hookspecs import hookimpl


def _say(line):
    with Path(os.environ["HELLO_FILE"]).open("a") as file:
        file.write(line + "\n")


@hookimpl
def opsplugin_start_run(run):
    _say(f"{run['command']} on {run['target_name']}")


@hookimpl
def opsplugin_finish_node(result):
    if result["status"] == "error":
        _say(f"{result['name']} failed after {result['execution_time']:.1f} s")


@hookimpl
def opsplugin_finish_run(run, results, recorded):
    _say(f"{run['status']}: {len(results)} results, {'recorded' if recorded else 'not recorded'}")


@hookimpl
def opsplugin_find_alerts(run, results):
    return [
        {"title": f"{row['name']} failed", "severity": "error", "unique_id": row["unique_id"]}
        for row in results
        if row["status"] == "error"
    ]


@hookimpl
def opsplugin_notify(run, alerts):
    for alert in alerts:
        _say(f"alert: {alert['title']}")


@hookimpl
def opsplugin_checks(project):
    there = "HELLO_FILE" in os.environ
    message = "HELLO_FILE is set" if there else "set HELLO_FILE to the file to write to"
    return [{"check": "hello", "status": "ok" if there else "error", "message": message}]


@hookimpl
def opsplugin_commands():
    @click.command("hello")
    def hello():
        """Print what has been said so far."""
        click.echo(Path(os.environ["HELLO_FILE"]).read_text(), nl=False)

    return [hello]
