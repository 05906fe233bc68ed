"""What the documentation says of the tests."""

import re

from harness.gudok import REPOSITORY


def test_every_test_that_a_table_names_is_there():
    tables = (REPOSITORY / "docs" / "calls.md").read_text()
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tables)
    assert len(named) > 20
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (REPOSITORY / "tests" / file).read_text()]
    assert not missing
