"""What the tests share: the files that `bench report` has written, and the snapshots of its own tests, by format.

`scripts/test-formats` writes the files into the folder that FORMATS names: `run.*`, `invalid.*` and `comparison.*`. The snapshots
in `tests/fixtures/formats` are what the renderers write of hostile names, sweeps and searches: the Rust tests see to that.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

WRITTEN = Path(os.environ["FORMATS"])
SNAPSHOTS = Path(__file__).parent.parent / "fixtures" / "formats"


def files(ending: str) -> list[Path]:
    """All files of a format, those of the binary first."""
    found = sorted(WRITTEN.glob(f"*.{ending}")) + sorted(SNAPSHOTS.glob(f"*.{ending}"))
    assert len(found) > 3, f"files were written that end in {ending}"
    return found


def report(name: str) -> dict[str, Any]:
    """The JSON of a result that the binary has written."""
    return json.loads((WRITTEN / f"{name}.json").read_text())


def named(path: Path) -> str:
    """A file as pytest names a case."""
    return f"{path.parent.name}/{path.name}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `path` is run for each file of the formats that its module names in ENDINGS."""
    if "path" in metafunc.fixturenames:
        found = [path for ending in metafunc.module.ENDINGS for path in files(ending)]
        metafunc.parametrize("path", found, ids=named)
