"""The suites of dbt-tests-adapter, unchanged.

Left out: BaseEphemeral. It counts every node and source of the manifest, where any installed
package shows; ephemeral models are built and tested in BaseSingularTestsEphemeral.
"""

from __future__ import annotations

from typing import Any

from dbt.tests.adapter.basic.test_base import BaseSimpleMaterializations
from dbt.tests.adapter.basic.test_empty import BaseEmpty
from dbt.tests.adapter.basic.test_generic_tests import BaseGenericTests
from dbt.tests.adapter.basic.test_incremental import BaseIncremental
from dbt.tests.adapter.basic.test_singular_tests import BaseSingularTests
from dbt.tests.adapter.basic.test_singular_tests_ephemeral import BaseSingularTestsEphemeral
from dbt.tests.adapter.basic.test_snapshot_check_cols import BaseSnapshotCheckCols
from dbt.tests.adapter.basic.test_snapshot_timestamp import BaseSnapshotTimestamp
from dbt.tests.fixtures.project import *  # noqa: F403  (its fixture `project` over ours)
from suite import dbt_profile_target, installed

__all__ = ["dbt_profile_target", "installed"]

del TestProcessingException  # noqa: F821  (came with the fixtures, and is no test)


class TestSimpleMaterializations(BaseSimpleMaterializations):
    pass


class TestSingularTests(BaseSingularTests):
    pass


class TestSingularTestsEphemeral(BaseSingularTestsEphemeral):
    pass


class TestEmpty(BaseEmpty):
    pass


class TestIncremental(BaseIncremental):
    pass


class TestGenericTests(BaseGenericTests):
    pass


class TestSnapshotCheckCols(BaseSnapshotCheckCols):
    pass


class TestSnapshotTimestamp(BaseSnapshotTimestamp):
    pass


class TestRecording(BaseSimpleMaterializations):
    """That the suites above ran with the package at work, and not merely beside it."""

    def test_base(self, project: Any) -> None:
        super().test_base(project)
        recorded = project.run_sql("select count(*) from ops.ops_runs", fetch="one")
        assert recorded[0] >= 3
