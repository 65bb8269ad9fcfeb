"""What kind of ids a file names its genes by, to say so where it is not the kind wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from svqvae.io.text import brief

#: Kinds of gene ids, the first that fits.
_KINDS = {
    "Entrez ids": re.compile(r"\d{1,9}"),
    "Entrez ids with decimals": re.compile(r"\d{1,9}\.0+"),
    "Entrez ids with an X before them (as R writes names)": re.compile(r"X\d{1,9}"),
    "Ensembl ids": re.compile(r"ENS[A-Z]{0,5}\d{5,}(\.\d+)?", re.IGNORECASE),
    "RefSeq ids": re.compile(r"[NX][MR]_\d+(\.\d+)?"),
    "probes": re.compile(r"\S+_at"),
    "symbols": re.compile(r"[A-Za-z][A-Za-z0-9.@_-]{1,24}"),
}
#: Ids looked at, and the share of them that must be of a kind.
_LOOKED_AT, _SHARE = 500, 0.8
#: Of the ids wanted so many must be missing before their kind is the likely cause.
_LOST = 0.5


def kind_of_ids(ids: Iterable[object]) -> str | None:
    """Return what gene ids are (Entrez ids, symbols, Ensembl ids, probes ...), or None."""
    names = [str(i).strip() for i in islice(ids, _LOOKED_AT)]
    for kind, pattern in _KINDS.items():
        if names and sum(map(bool, map(pattern.fullmatch, names))) >= _SHARE * len(names):
            return kind
    return None


def other_kind(lost: Sequence[object], n_wanted: int, ids: Sequence[object]) -> str | None:
    """Return a sentence where the genes wanted and the file's are of two kinds, else None."""
    if len(lost) < _LOST * n_wanted:
        return None
    wanted, found = kind_of_ids(lost), kind_of_ids(ids)
    if wanted is None or found is None or wanted == found:
        return None
    return (
        f"wanted are {wanted} ({_examples(lost)}), the file has {found} ({_examples(ids)}); "
        "name its genes by the ids wanted, or give them in a column pr_gene_id"
    )


def _examples(ids: Iterable[object]) -> str:
    return ", ".join(brief(str(i), 30) for i in islice(ids, 3)) + ", ..."
