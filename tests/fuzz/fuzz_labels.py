"""Fuzz the join of label tables: the right class, or an error for people, never anything else.

    python tests/fuzz/fuzz_labels.py --n 10000 --seed 0

Each input is a small label table in a random dialect, encoding, separator and packing, with
missing words, lists, conflicts and damage, joined to random perturbagens. A plain loop over rows
says what is right. The exit status is the number of wrong answers.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import io
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.pp.labels import label_signatures

MISSING = ["", "NA", "NaN", "nan", "#N/A", "null", "None", "-666", "<NA>", "n/a", " NA "]
CLASSES = ["HDAC inhibitor", "mTOR inhibitor", "β-blocker", "CDK, PLK inhibitor", "all", "7"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
ALIASES = {
    "pert_id": ["pert_id", "broad_id", "Pert_ID"],
    "pert_iname": ["pert_iname", "cmap_name"],
    "inchi_key": ["inchi_key", "InChIKey", "pert_inchi_key"],
}
#: Longest message that is read.
LONGEST = 2000


def stem(value: str) -> str:
    """A Broad id without salt and batch."""
    return value[:13] if value.startswith("BRD-K") and len(value) > 13 else value


def key(n: int) -> str:
    """An InChIKey, its first block one per number."""
    return "".join(chr(65 + (n // 26**i) % 26) for i in range(14)) + "-UHFFFAOYSA-N"


def draw(rng: random.Random) -> tuple[list[dict[str, str]], list[dict[str, str]], str]:
    """Return perturbagens of signatures, rows of a table, and the column that joins them."""
    n = rng.randint(1, 8)
    drugs = [
        {"pert_id": f"BRD-K{i:08d}", "pert_iname": f"drug {i}", "inchi_key": key(i)}
        for i in range(n)
    ]
    rows = []
    for drug in rng.choices(drugs, k=rng.randint(1, 10)):
        labels = rng.choices([*CLASSES, rng.choice(MISSING)], k=rng.choice([1, 1, 1, 2, 3]))
        row = {**drug, "moa": "|".join(labels), "note": rng.choice(["x", "a\tb", 'say "no"', "#"])}
        if rng.random() < 0.2:
            row["pert_id"] += "-001-01-1"
        rows.append(row)
    return drugs, rows, rng.choice(list(ALIASES))


def expected(
    drugs: list[dict[str, str]], rows: list[dict[str, str]], on: str, policy: str, conflicts: str
) -> list[str | None] | None:
    """Return the first class of each drug by a plain loop; None where an error is due."""
    found: list[str | None] = []
    joined = False
    for drug in drugs:
        statements: list[tuple[str, ...]] = []
        for row in rows:
            if stem(row[on]) != stem(drug[on]):
                continue
            joined = True
            words = [word.strip() for word in row["moa"].split("|")]
            absent = [m.strip().lower() for m in MISSING]
            labels = tuple(dict.fromkeys(w for w in words if w.lower() not in absent))
            if labels and set(labels) not in [set(s) for s in statements]:
                statements.append(labels)
        if len(statements) > 1 and conflicts == "error":
            return None
        if not statements or (len(statements) > 1 and conflicts == "drop"):
            found.append(None)
        elif policy == "drop" and len(statements[0]) > 1:
            found.append(None)
        else:
            found.append(statements[0][0])
    return found if joined else None


def write(path: Path, rows: list[dict[str, str]], rng: random.Random) -> None:
    """Write the table in one of the forms that people have."""
    names = {"moa": "moa", "note": "note"} | {c: rng.choice(a) for c, a in ALIASES.items()}
    columns = list(names)
    rng.shuffle(columns)
    text = io.StringIO()
    end = rng.choice(["\n", "\r\n", "\r"])
    # Lines of a comment may have anything but a tab.
    text.write(
        "".join(f"{rng.choice('!#')}release, of; 2020{end}" for _ in range(rng.choice([0, 2])))
    )
    writer = csv.writer(
        text,
        delimiter=rng.choice("\t,;"),
        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        lineterminator=end,
    )
    writer.writerow([names[c] for c in columns])
    writer.writerows([row[c] for c in columns] for row in rows)
    raw = text.getvalue().encode(rng.choice(ENCODINGS))
    path.write_bytes(rng.choice([bytes, bytes, gzip.compress, bz2.compress])(raw))


def damage(path: Path, rng: random.Random) -> bool:
    """Harm one file in four; return whether it was."""
    if rng.random() > 0.25:
        return False
    raw = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(max(1, len(raw)))
        match rng.randrange(4):
            case 0:
                raw = raw[:at]
            case 1:
                raw[at : at + 1] = rng.randbytes(1)
            case 2:
                raw[at:at] = rng.choice([b'"', b"\t", b"\n", b",", b"\0", b"\r"])
            case _:
                del raw[at : at + rng.randint(1, 9)]
    path.write_bytes(raw)
    return True


def one(path: Path, rng: random.Random) -> str:
    """Try one input and return what came of it; raise AssertionError where it is wrong."""
    drugs, rows, on = draw(rng)
    policy, conflicts = rng.choice(["first", "drop"]), rng.choice(["error", "first", "drop"])
    write(path, rows, rng)
    harmed = damage(path, rng)
    obs = pd.DataFrame(drugs, index=[f"s{i}" for i in range(len(drugs))])
    options = {"key": "moa", "table": path, "on": on, "policy": policy, "conflicts": conflicts}
    try:
        found = label_signatures(obs, **options).classes
    except SvqvaeError as error:
        assert len(str(error)) < LONGEST, f"a message of {len(str(error))} characters"
        right = expected(drugs, rows, on, policy, conflicts)
        assert harmed or right is None, f"refused: {error}"
        return "refused, damaged" if harmed else "refused, rightly"
    if harmed:
        return "read, damaged"
    got = [None if pd.isna(value) else value for value in found]
    right = expected(drugs, rows, on, policy, conflicts)
    assert got == right, f"{got} for {right}"
    return "right"


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for i in range(asked.n):
            signal.alarm(10)
            try:
                counts[one(Path(folder) / "labels.tsv", random.Random(f"{asked.seed}-{i}"))] += 1
            except Exception:
                counts["WRONG"] += 1
                print(f"--- input {asked.seed}-{i}\n{traceback.format_exc(limit=-3)}", flush=True)
    print(dict(counts))
    return counts["WRONG"]


if __name__ == "__main__":
    sys.exit(min(main(), 255))
