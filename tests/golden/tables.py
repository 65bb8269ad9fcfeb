"""Tables of the default run, to be the same after code has moved.

    python tests/golden/tables.py record results > tests/golden/default_run.json
    python tests/golden/tables.py check results

Of each table its columns, of those that have a row for every model, class or pair the number of
rows, and of the summaries the values. Other processors train to other last digits, so that values
are held to a tolerance; on one machine `diff -r` of two results folders says more.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pandas as pd

RECORDED = Path(__file__).with_name("default_run.json")
#: Tables whose values are held, with the columns that name a row and those that are held.
SUMMARIES = {
    "benchmark_summary.tsv": (["model", "metric"], ["value"]),
    "filters.tsv": (["step"], ["dropped", "signatures", "perturbagens", "classes"]),
}
#: Tolerance of values between processors, which train to other last digits, absolute up to 1
#: and relative above.
TOLERANCE = 0.05
#: Tables with a row for what was found, which a last digit may decide.
FOUND = (
    *("mechanism_network.tsv", "nearest_network.tsv", "class_markers.tsv", "history.tsv"),
    "predictions.tsv",
)
#: A table with a column for each gene that was found.
OF_GENES = "class_profiles.tsv"


def read(path: Path) -> pd.DataFrame:
    """Return a table as text, an empty one too."""
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def record(results: Path) -> dict[str, Any]:
    """Return what is held of every table of a run, by its path."""
    kept: dict[str, Any] = {}
    for path in sorted(results.glob("simulated/**/*.tsv")):
        at = path.relative_to(results)
        if "folds" in at.parts or path.stat().st_size <= 1:
            continue
        table = read(path)
        kept[str(at)] = {} if path.name == OF_GENES else {"columns": list(table.columns)}
        if path.name not in FOUND and "training" not in path.name:
            kept[str(at)]["rows"] = len(table)
        if path.name in SUMMARIES and len(at.parts) == 2:
            kept[str(at)]["values"] = _values(table, *SUMMARIES[path.name])
    return kept


def _values(
    table: pd.DataFrame, names: list[str], columns: list[str]
) -> dict[str, dict[str, float]]:
    """Return the finite numbers of each row, by the row's name and the column."""
    rows = {}
    for _, row in table.iterrows():
        numbers = {}
        for column in columns:
            number = float(row[column])
            if math.isfinite(number):
                numbers[column] = float(f"{number:.5g}")
        rows[" ".join(row[name] for name in names)] = numbers
    return rows


def differences(found: dict[str, Any], recorded: dict[str, Any]) -> list[str]:
    """Return one line for each table, row or value that is not as recorded."""
    lines = [f"{path}: a new table" for path in found.keys() - recorded.keys()]
    for path, wanted in recorded.items():
        if path not in found:
            lines.append(f"{path}: missing")
            continue
        for part in ("columns", "rows"):
            if found[path].get(part) != wanted.get(part):
                lines.append(f"{path}: {part} {found[path].get(part)}, recorded {wanted.get(part)}")
        for row, numbers in wanted.get("values", {}).items():
            now = found[path].get("values", {}).get(row, {})
            for column, value in numbers.items():
                number = now.get(column, math.nan)
                if not abs(number - value) <= TOLERANCE * max(1, abs(value)):
                    lines.append(f"{path}, {row}, {column}: {number}, recorded {value}")
    return sorted(lines)


def main() -> None:
    """Record a results folder on the output, or check one."""
    action, results = sys.argv[1], Path(sys.argv[2])
    if action == "record":
        json.dump(record(results), sys.stdout, indent=1)
        print()
        return
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    lines = differences(record(results), recorded)
    if lines:
        lines.append(
            "If that is meant: python tests/golden/tables.py record results > "
            "tests/golden/default_run.json"
        )
    print("\n".join(lines) or f"{len(recorded)} tables are as recorded")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
