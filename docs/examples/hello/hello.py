"""Writes one line per failed node, and one per run, to the file that HELLO_FILE names."""

import os
from pathlib import Path

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
