"""Gene sets in GMT: one a line, name, description and genes between tabs."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from svqvae.errors import SvqvaeError


def read_gene_sets(path: str | Path) -> dict[str, list[str]]:
    """Read gene sets, as MSigDB and Enrichr publish them; ``.gz`` is unpacked.

    Returns
    -------
    dict
        Genes (symbols or Entrez ids, as the file has them) by name of the set, each gene once.

    Raises
    ------
    SvqvaeError
        If the file is missing or no text, or for all lines without a gene or with a name that
        another line has.
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file; check analysis.gene_sets")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = raw.decode("utf-8-sig").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SvqvaeError(f"{path}: not a GMT file ({error})") from error
    sets: dict[str, list[str]] = {}
    line_of: dict[str, int] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        name, *rest = (field.strip() for field in line.split("\t"))
        genes = list(dict.fromkeys(g for g in rest[1:] if g))
        if not name or not genes:
            problems.append(
                f"{path}, line {number}: found {len(rest) + 1} fields, expected a name, a "
                "description and genes between tabs"
            )
        elif name in sets:
            problems.append(f"{path}, line {number}: set '{name}' is in line {line_of[name]} too")
        else:
            sets[name], line_of[name] = genes, number
    if not sets and not problems:
        problems.append(f"{path}: no gene sets")
    if problems:
        raise SvqvaeError(problems)
    return sets
