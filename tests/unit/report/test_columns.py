"""Every column of every table on the page is explained."""

import json
from pathlib import Path

from svqvae.report.columns import COLUMNS
from svqvae.results import FILES

_END = ("_low", "_high", "rows")
#: What the recorded default run writes.
RECORDED = Path(__file__).parents[2] / "golden" / "default_run.json"


def test_columns_of_a_run_are_explained():
    tables = json.loads(RECORDED.read_text(encoding="utf-8"))
    shown = {name for name, row in FILES.items() if row.title and row.suffix == ".tsv"}
    silent = {}
    for path, table in tables.items():
        name = Path(path).stem
        # Ends of intervals stand in the cell of their value.
        columns = [c for c in table.get("columns", table) if not c.endswith(_END)]
        found = [c for c in columns if c not in COLUMNS or not COLUMNS[c].help]
        if name in shown and "figures" not in path and found:
            silent[name] = found
    assert not silent


def test_what_a_column_means_is_a_sentence():
    for name, column in COLUMNS.items():
        assert column.title, name
        assert column.help.endswith((".", "?")) or name in ("hub", "edges"), name
