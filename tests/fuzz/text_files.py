"""What the generators of text files share: values, how they are written, damaged and compared."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from svqvae.io.missing import WORDS, is_missing_word

#: A generator returns what was damaged, and the check of what is read of its file.
Generator = Callable[[random.Random, Path], tuple[str, Callable[[], None]]]

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


def rows_of(table: pd.DataFrame) -> list[list[object]]:
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()
