"""Gene sets in GMT: one a line, name, description and genes between tabs."""

from __future__ import annotations

from pathlib import Path

from svqvae.errors import SvqvaeError
from svqvae.io.text import DAMAGE, brief, text_lines

#: Problems that are written out.
_SHOWN = 10


def read_gene_sets(path: str | Path) -> dict[str, list[str]]:
    """Read gene sets, as MSigDB and Enrichr publish them, in any encoding, packed or not.

    Blank lines and lines that begin with ``#`` are skipped.

    Returns
    -------
    dict
        Genes (symbols or Entrez ids, as the file has them) by name of the set, each gene once.

    Raises
    ------
    SvqvaeError
        If the file is missing or no text, or for all lines without a gene or with a name that
        another line has.

    Examples
    --------
    >>> line = ["P53_TARGETS", "of a paper", "CDKN1A", "MDM2"]
    >>> n = Path("sets.gmt").write_text(chr(9).join(line))
    >>> read_gene_sets("sets.gmt")
    {'P53_TARGETS': ['CDKN1A', 'MDM2']}
    """
    path = Path(path)
    if not path.is_file():
        raise SvqvaeError(f"{path}: no such file; check analysis.gene_sets")
    try:
        with text_lines(path) as file:
            lines = file.read().split("\n")
    except DAMAGE as error:
        raise SvqvaeError(f"{path}: not a GMT file ({brief(error, 200)})") from error
    sets: dict[str, list[str]] = {}
    line_of: dict[str, int] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, *rest = (field.strip() for field in line.split("\t"))
        genes = list(dict.fromkeys(g for g in rest[1:] if g))
        if not name or not genes:
            problems.append(
                f"{path}, line {number}: found {len(rest) + 1} fields, expected a name, a "
                f"description and genes between tabs{_other_separator(line)}"
            )
        elif name in sets:
            problems.append(
                f"{path}, line {number}: set {brief(name)} is in line {line_of[name]} too"
            )
        else:
            sets[name], line_of[name] = genes, number
    if not sets and not problems:
        problems.append(f"{path}: no gene sets")
    if problems:
        more = len(problems) - _SHOWN
        shown = [*problems[:_SHOWN], f"{path}: and {more} lines more"] if more > 0 else problems
        raise SvqvaeError(shown)
    return sets


def _other_separator(line: str) -> str:
    if "\t" in line:
        return ""
    found = [word for sign, word in ((",", "commas"), (";", "semicolons")) if sign in line]
    return f"; its fields stand between {found[0]}" if found else "; it has no tab"
