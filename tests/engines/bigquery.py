"""BigQuery, emulated."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from engines.base import AsWritten

try:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery
except ImportError:
    bigquery = None

TYPES = {bool: "BOOL", int: "INT64", float: "FLOAT64", str: "STRING", datetime: "TIMESTAMP"}


class BigQuery(AsWritten):
    """dbt's own adapter and client, before a server that is not BigQuery (emulators/)."""

    name = adapter = "bigquery"
    resource = "bigquery_port"
    is_slow = True

    @staticmethod
    def is_installed() -> bool:
        return bigquery is not None and find_spec("bqemulator") is not None

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.client = bigquery.Client(
            project="shop",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.url},
            location="US",
        )
        for dataset in self.client.list_datasets():
            self.client.delete_dataset(dataset, delete_contents=True)
        self.client.create_dataset("main")
        urlopen(Request(f"{self.url}/statements", method="DELETE")).close()

    def output(self, root: Path) -> dict[str, Any]:
        return {
            "type": "bigquery",
            "method": "oauth-secrets",
            "token": "none",
            "project": "shop",
            "schema": "main",
            "location": "US",
            "api_endpoint": self.url,
            "threads": 2,
            "job_retries": 0,
            "job_execution_timeout_seconds": 60,
        }

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        return self._ask(self.client, statement, ())

    def relations(self, schema: str) -> list[str]:
        names = [dataset.dataset_id for dataset in self.client.list_datasets()]
        return [t.table_id for t in self.client.list_tables(schema)] if schema in names else []

    def sql_of_dbt(self, handle: Any, statement: str, values: tuple[Any, ...]) -> list[Any]:
        return self._ask(handle, statement, values)

    def statements(self) -> list[dict[str, Any]]:
        """{sql, labels} of everything that was sent since the test began."""
        with urlopen(f"{self.url}/statements") as response:
            return json.load(response)

    def _ask(self, client: Any, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        config = bigquery.QueryJobConfig(
            default_dataset="shop.main",
            query_parameters=[
                bigquery.ScalarQueryParameter(None, TYPES[type(value)], value) for value in values
            ],
        )
        # The tests quote names as the other engines do; not what stands in a literal.
        statement = re.sub(
            r"""'(?:[^'\\]|\\.)*'|"(\w+)\"""",
            lambda found: f"`{found[1]}`" if found[1] else found[0],
            statement,
            flags=re.S,
        )
        rows = client.query(statement, job_config=config, job_retry=None).result()
        is_json = [field.field_type == "JSON" for field in rows.schema]
        return [
            tuple(plain(value, json_) for value, json_ in zip(row, is_json, strict=True))
            for row in rows
        ]

    def close(self) -> None:
        self.client.close()


def plain(value: Any, is_json: bool) -> Any:
    """As the other engines give it: JSON as text, a time without its zone, which is UTC."""
    if is_json and value is not None:
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value
