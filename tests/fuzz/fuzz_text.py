"""Random text files as people write and damage them: the known values, or an SvqvaeError.

Run by hand: ``python tests/fuzz/fuzz_text.py --n 10000 --seed 0 [--reader table]``. Prints the
number of files read, refused and failed per reader, and for each failure what repeats it.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import io
import lzma
import math
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError
from svqvae.io import open_signatures
from svqvae.io.gmt import read_gene_sets
from svqvae.io.ids import choose
from svqvae.io.missing import WORDS, is_missing_word
from svqvae.io.tables import read_table
from svqvae.pp.genes import read_gene_list

SECONDS, LENGTH = 10, 2000
PACKINGS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
ENCODINGS = ["utf-8"] * 4 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
LINE_ENDS = ["\n", "\n", "\r\n", "\r"]
MISSING = [w for w in sorted(WORDS) if w] + ["NA", "NaN", "", "-666", "-666.0", "N/A", "#VALUE!"]
WORDS_OF_TEXT = [
    "HDAC inhibitor", "a,b", "c;d", "10 µM", 'say "x"', "it's", "0012", "1e5", "β-blocker", "#1",
    "x|y", "5%", "TRUE", "=A1", "(R)-x", "!", "ø", "Ünlü", "a'b", "A375", "  in  ner",
]  # fmt: skip
DAMAGE = ["cut", "double", "drop", "add", "separator", "quote", "nul", "bytes"]


class Wrong(Exception):
    """A result that is not the known one."""


# ---- what files hold -------------------------------------------------------------------------


def number(r: random.Random) -> tuple[str, float]:
    """Return text and the float32 that it means."""
    value = r.choice([r.gauss(0, 3), r.randint(-99, 99), r.uniform(-1e-6, 1e6), 0.0])
    style = r.choice(["{!r}", "{:.3f}", "{:.4g}", "{:e}", "{:+.2f}", "{:.0f}.", "{:.9g}"])
    text = style.format(value)
    if r.random() < 0.03:
        text = r.choice(["inf", "-Inf", "1e400", "Infinity", ".5", " 7 "])
    if r.random() < 0.1:
        return r.choice(MISSING), math.nan
    with np.errstate(over="ignore"):
        x = float(np.float32(float(text)))
    return text, math.nan if x == -666 else x


def text_of(r: random.Random) -> str | None:
    """Return a metadata value, or None for a missing one."""
    return None if r.random() < 0.15 else r.choice(WORDS_OF_TEXT)


def names(r: random.Random, n: int, kinds: list[Callable[[int], str]]) -> list[str]:
    kind = r.choice(kinds)
    return [kind(i) for i in r.sample(range(1, 60), n)]


SIGNATURES: list[Callable[[int], str]] = [
    lambda i: f"CPC{i:03d}_A375_6H:BRD-K{i:08d}:10",
    lambda i: f"s{i}",
    lambda i: f"sig é {i}",
    lambda i: f"a,{i}",
    lambda i: f'"{i}" q',
    lambda i: ["NA", "nan", "0012", "#7"][i] if i < 4 else f"x{i}",
]
GENES: list[Callable[[int], str]] = [
    lambda i: str(i * 37),
    lambda i: f"GENE{i}",
    lambda i: f"HLA-{i}",
    lambda i: f"{i:06d}_at",
    lambda i: f"ENSG{i:011d}",
]


# ---- how they are written --------------------------------------------------------------------


def rows_to_text(r: random.Random, rows: list[list[str]], separator: str, end: str) -> list[str]:
    """Return lines, quoted as one of the usual writers does."""
    style = r.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, quoting=style, lineterminator="\n").writerows(rows)
    return [line + end for line in buffer.getvalue().split("\n")[:-1]]


def encoded(r: random.Random, lines: list[str]) -> bytes:
    text = "".join(lines)
    if r.random() < 0.2:
        text = text.rstrip("\r\n")
    encoding = r.choice(ENCODINGS)
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:
        raw = text.encode("utf-8")
    return raw


def damaged(r: random.Random, lines: list[str], separator: str) -> tuple[list[str], str, int]:
    """Return lines with one fault in the body, its kind and line."""
    kind = r.choice(DAMAGE)
    at = r.randrange(1, len(lines)) if len(lines) > 1 else 0
    line, lines = lines[at], list(lines)
    if kind == "cut":
        lines = [*lines[:at], line[: r.randrange(len(line))]]
    elif kind == "double":
        lines.insert(at, line)
    elif kind == "drop":
        lines[at] = separator.join(line.split(separator)[:-1]) + line[len(line.rstrip("\r\n")) :]
    elif kind == "add":
        lines[at] = f"x{separator}{line}"
    elif kind == "separator":
        lines[at] = line.replace(separator, {"\t": ",", ",": ";", ";": "\t"}[separator])
    elif kind in ("quote", "nul"):
        where = r.randrange(len(line))
        lines[at] = line[:where] + {"quote": '"', "nul": "\0"}[kind] + line[where:]
    return lines, kind, at


def put(r: random.Random, folder: Path, stem: str, suffix: str, raw: bytes, kind: str) -> Path:
    packing = r.choice(["", "", "", ".gz", ".bz2", ".xz"])
    named = packing if r.random() < 0.8 else ""
    raw = PACKINGS[packing](raw)
    if kind == "bytes" and len(raw) > 8:
        at = r.randrange(len(raw))
        raw = raw[:at] + bytes(r.randrange(256) for _ in range(3)) + raw[at + 3 :]
    path = folder / f"{stem}{suffix}{named}"
    path.write_bytes(raw)
    return path


# ---- comparing -------------------------------------------------------------------------------


def same(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape == want.shape and np.array_equal(got, want, equal_nan=True)


def plain(value: object) -> object:
    """Return text without what a stray quote may add or take; None for a missing value."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return repr(value)
    text = "" if value is None else str(value).replace('"', "").strip()
    return None if is_missing_word(text) else text


def flat(value: Any) -> list[Any]:
    """Return the values of nested lists."""
    return [v for item in value for v in flat(item)] if isinstance(value, list) else [value]


def compare(kind: str, got: Any, want: Any, why: str) -> None:
    """Compare rows of values; after a cut the rows before the last must be right."""
    if kind in ("cut", "bytes") and len(got) <= len(want):
        got, want = got[:-1], want[: len(got[:-1])]
    if kind == "bytes":
        return  # any letter or digit may have become another
    if kind == "quote":
        got, want = plain(got), plain(want)
    if repr(got) != repr(want):
        raise Wrong(f"{why}: {got!r} is not {want!r}")


# ---- readers ---------------------------------------------------------------------------------


def signature_table(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, g, m = r.randint(0, 6), r.randint(1, 6), r.randint(0, 3)
    ids, genes = names(r, n, SIGNATURES), names(r, g, GENES)
    cells = [[number(r) for _ in range(g)] for _ in range(n)]
    columns = [f"Metadata_{c}" for c in r.sample(["pert_id", "cell_id", "tas", "a b", "µ"], m)]
    metadata = [[text_of(r) for _ in columns] for _ in range(n)]
    header = [*columns, *genes]
    body = [
        [*(r.choice(MISSING) if v is None else v for v in meta), *(t for t, _ in row)]
        for meta, row in zip(metadata, cells, strict=True)
    ]
    order = r.sample(range(len(header)), len(header))
    header, body = [header[i] for i in order], [[row[i] for i in order] for row in body]
    style = r.choice(["sig_id", "Metadata_sig_id", "unnamed", "cid", "R"])
    at = r.randint(0, len(header)) if "sig_id" in style else 0
    if style == "R":
        body = [[i, *row] for i, row in zip(ids, body, strict=True)]
    else:
        name = "" if style == "unnamed" else style
        header = [*header[:at], name, *header[at:]]
        body = [[*row[:at], i, *row[at:]] for i, row in zip(ids, body, strict=True)]
    separator, end = r.choice("\t,;"), r.choice(LINE_ENDS)
    lines = rows_to_text(r, [header, *body], separator, end)
    kind = "none"
    if r.random() < 0.5 and body:
        lines, kind, _ = damaged(r, lines, separator)
    comments = [f"{r.choice('!#')} made by x, y{end}"] * r.choice([0, 0, 0, 1, 3])
    raw = encoded(r, [*comments, *lines])
    path = put(r, folder, "a", r.choice([".csv", ".tsv", ".txt", ".tab"]), raw, kind)

    def check() -> None:
        with open_signatures(path) as file:
            obs = file.obs
            at_row = choose(None, obs, "signature", path)
            x = file.read(at_row, choose(None, file.var, "gene", path))
        if style == "R" and len(ids) < 2:
            return  # too few rows to say that they have row names
        in_order = [
            header.index(gene) - (at < header.index(gene) and style != "R") for gene in genes
        ]
        ranked = [genes[i] for i in np.argsort(in_order)]
        if kind not in ("quote", "bytes") and list(file.var.index) != ranked:
            raise Wrong(f"genes {list(file.var.index)}, not {ranked}")
        where = [ranked.index(gene) for gene in genes] if set(file.var.index) == set(genes) else []
        want = [[i, *(v for _, v in row)] for i, row in zip(ids, cells, strict=True)]
        got = [[i, *map(float, row[where])] for i, row in zip(obs.index, x, strict=True)]
        compare(kind, got, want, "values")
        side = [c.removeprefix("Metadata_") for c in columns]
        if set(side) <= set(obs.columns):
            shown = obs[side].astype(object).where(obs[side].notna(), None).to_numpy().tolist()
            compare(kind, shown, metadata, "metadata")

    return kind, check


def gct(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, g, k, h = r.randint(0, 5), r.randint(0, 5), r.randint(0, 2), r.randint(0, 2)
    ids, genes = names(r, n, SIGNATURES), names(r, g, GENES)
    cells = [[number(r) for _ in range(n)] for _ in range(g)]
    obs = [[text_of(r) for _ in range(n)] for _ in range(h)]
    var = [[text_of(r) for _ in range(k)] for _ in range(g)]

    def write(value: str | None) -> str:
        return r.choice(MISSING) if value is None else value

    rows = [["id", *(f"v{i}" for i in range(k)), *ids]]
    rows += [[f"o{i}", *["na"] * k, *map(write, row)] for i, row in enumerate(obs)]
    rows += [
        [gene, *map(write, side), *(t for t, _ in row)]
        for gene, side, row in zip(genes, var, cells, strict=True)
    ]
    end = r.choice(LINE_ENDS)
    padding = "\t" * (len(rows[0]) - 1) if r.random() < 0.2 else ""
    lines = [f"#1.3{padding}{end}", f"{g}\t{n}\t{k}\t{h}{end}", *rows_to_text(r, rows, "\t", end)]
    kind = "none"
    if r.random() < 0.5:
        lines, kind, _ = damaged(r, lines, "\t")
    path = put(r, folder, "a", ".gct", encoded(r, lines), kind)

    def check() -> None:
        with open_signatures(path) as file:
            at_row = choose(None, file.obs, "signature", path)
            x = file.read(at_row, choose(None, file.var, "gene", path))
            got = [
                [*file.obs.index],
                [*file.var.index],
                *x.T.astype(float).tolist(),
                *(rows_of(t) for t in (file.obs.T, file.var)),
            ]
        want = [ids, genes, *([v for _, v in row] for row in cells), obs, var]
        # What a cut leaves must not be read: the second line says how much there is.
        if kind == "cut" and repr(got) != repr(want):
            # Within the last field of the last line: what it was cannot be told.
            shorter = sum(map(len, map(repr, flat(want)))) - sum(map(len, map(repr, flat(got))))
            different = sum(repr(a) != repr(b) for a, b in zip(flat(got), flat(want), strict=True))
            if different == 1 and shorter:
                return
        compare(kind if kind in ("bytes", "quote") else "none", got, want, "values")

    return kind, check


def rows_of(table: pd.DataFrame) -> list[list[object]]:
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()


def metadata_table(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    n, m = r.randint(0, 6), r.randint(2, 5)
    columns = r.sample(["pert_id", "moa", "cell_id", "tas", "a b", "µ", "x"], m)
    body = [[text_of(r) for _ in columns] for _ in range(n)]
    for i, row in enumerate(body):
        row[0] = f"BRD-{i}"
    rows = [[r.choice(MISSING) if v is None else v for v in row] for row in body]
    with_names = r.random() < 0.2 and n
    if with_names:
        rows = [[f"row{i}", *row] for i, row in enumerate(rows)]
    separator, end = r.choice("\t,;"), r.choice(LINE_ENDS)
    lines = rows_to_text(r, [columns, *rows], separator, end)
    kind, at = "none", 0
    if r.random() < 0.5 and n:
        lines, kind, at = damaged(r, lines, separator)
    comments = [f"{r.choice('!#')} made by x{end}"] * r.choice([0, 0, 0, 1, 3])
    path = put(
        r, folder, "a", r.choice([".csv", ".tsv", ".txt"]), encoded(r, [*comments, *lines]), kind
    )

    def check() -> None:
        table = read_table(path)
        want = [*body[:at], *body[at - 1 :]] if kind == "double" else body
        if with_names and n == 1 and kind != "none":
            return  # one row of any length is a table
        if set(columns) <= set(table.columns):
            compare(kind, rows_of(table[columns]), want, "table")
        elif kind == "none":
            raise Wrong(f"columns {list(table.columns)}, not {columns}")

    return kind, check


def gene_list(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    genes = names(r, r.randint(1, 9), GENES)
    end = r.choice(LINE_ENDS)
    lines = [f"{gene}{end}" for gene in genes]
    for _ in range(r.choice([0, 0, 1, 2])):
        lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# x, y", "! z"]) + end)
    kind = "none"
    if r.random() < 0.4:
        lines, kind, _ = damaged(r, lines, ",")
    path = put(r, folder, "a", r.choice([".txt", ".grp", ""]), encoded(r, lines), kind)

    def check() -> None:
        got = read_gene_list(path)
        if kind in ("none", "double", "separator") and got != genes:
            raise Wrong(f"{got} is not {genes}")
        if kind == "nul":
            raise Wrong("NUL was read")

    return kind, check


def gene_sets(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    sets = {f"SET {i} µ": names(r, r.randint(1, 6), GENES) for i in range(r.randint(1, 5))}
    end = r.choice(LINE_ENDS)
    lines = [f"{name}\t{r.choice(['', 'na'])}\t" + "\t".join(g) + end for name, g in sets.items()]
    for _ in range(r.choice([0, 0, 1, 2])):
        lines.insert(r.randrange(len(lines) + 1), r.choice(["", "# x"]) + end)
    kind = "none"
    if r.random() < 0.4:
        lines, kind, _ = damaged(r, lines, "\t")
    path = put(r, folder, "a", ".gmt", encoded(r, lines), kind)

    def check() -> None:
        got = read_gene_sets(path)
        if kind == "none" and got != sets:
            raise Wrong(f"{got} is not {sets}")
        if kind == "nul":
            raise Wrong("NUL was read")

    return kind, check


TABLE = pd.DataFrame(
    {
        "cell_id": ["A375", None, "MCF7"],
        "tas": [0.1, np.nan, 0.5],
        "pr_gene_id": ["466", "16", "7"],
    },
    index=["S1", "S2", "466"],
)
TOKENS = [
    *("cell_id", "tas", "pr_gene_id", "sig_id", "id", "index", "466", "'466'", "'A375'", "0.2"),
    *("==", "!=", "<", ">=", "in", "not in", "and", "or", "not", "&", "|", "~", "(", ")", "[", "]"),
    *(",", "+", "-", "*", "/", "**", "%", "//", "@", "`", "'", '"', ".", ".isna()", ".str", ":"),
    *("lambda", "None", "True", "1e999", "0012", "é", "\n", ";", "if", "else", "{", "}", "f'{x}'"),
]  # fmt: skip


def query(r: random.Random, folder: Path) -> tuple[str, Callable[[], None]]:
    simple = [
        r.choice(["cell_id", "tas", "pr_gene_id", "sig_id", "`tas`", "index"]),
        r.choice(["==", "!=", "<", ">=", "in", "not in"]),
        r.choice(["466", "'466'", "'A375'", "[466, 16]", "['A375']", "0.2", "True"]),
    ]
    parts = r.choices(TOKENS, k=r.randint(1, 9))
    words = simple if r.random() < 0.3 else r.choice([simple + parts[:1] + simple, parts])
    text = " ".join(words)

    def check() -> None:
        at = choose(text, TABLE, "signature", "a.gctx")
        if words == simple and ("pr_gene_id" in text) and "466" in text and "[" not in text:
            yes = [0] if "==" in text else [1, 2] if "!=" in text else None
            if yes is not None and at.tolist() != yes:
                raise Wrong(f"{text}: {at}")

    return "query", check


READERS = {
    "table": signature_table,
    "gct": gct,
    "metadata": metadata_table,
    "genes": gene_list,
    "gmt": gene_sets,
    "query": query,
}


def one(reader: str, seed: str, folder: Path) -> tuple[str, str, str]:
    """Return what was damaged, what came of it (read, refused, failed) and why."""
    for old in folder.iterdir():
        old.unlink()
    kind, check = READERS[reader](random.Random(seed), folder)
    signal.alarm(SECONDS)
    try:
        check()
    except SvqvaeError as error:
        if len(str(error)) > LENGTH:
            return kind, "failed", f"a message of {len(str(error))} characters"
        return kind, "refused", str(error)
    except Wrong as error:
        return kind, "failed", str(error)
    except Exception:
        return kind, "failed", traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
    return kind, "read", ""


def _too_long(*_: object) -> None:
    raise Wrong(f"took more than {SECONDS} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--reader", choices=READERS, action="append")
    parser.add_argument("--one", type=int, help="only this one, its file and answer shown")
    parser.add_argument("--refused", action="store_true", help="show sound files that are refused")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _too_long)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for reader in args.reader or READERS:
            counts: Counter[tuple[str, str]] = Counter()
            reasons: Counter[str] = Counter()
            for i in range(args.n) if args.one is None else [args.one]:
                kind, outcome, why = one(reader, f"{args.seed}/{reader}/{i}", folder)
                counts[kind, outcome] += 1
                if outcome == "failed":
                    failures += 1
                    if sum(v for (_, o), v in counts.items() if o == "failed") <= 5:
                        print(f"{reader} --seed {args.seed} --one {i} ({kind}): {why}\n")
                if args.refused and kind == "none" and outcome == "refused":
                    reasons[why.split(": ", 1)[-1][:150]] += 1
                if args.one is not None:
                    for path in folder.iterdir():
                        print(path.name, path.read_bytes())
                    print(kind, outcome, why)
            total = Counter(outcome for (_, outcome) in counts.elements())
            print(reader, dict(total), {f"{k} {o}": v for (k, o), v in sorted(counts.items())})
            for why, times in reasons.most_common(20):
                print("   ", times, why)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
