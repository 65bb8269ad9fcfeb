"""Join a table of labels to perturbagens by several keys, and find where it contradicts itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_word
from svqvae.io.tables import column_names, read_table
from svqvae.io.text import without_controls
from svqvae.pp.columns import missing_columns, take_columns
from svqvae.pp.vocabulary import (
    broad_stem,
    canonical,
    find_column,
    rename_columns,
    to_vocabulary,
)

log = logging.getLogger("svqvae")

#: Labels of one statement (one row of the table), in the order listed.
Labels = tuple[str, ...]
#: First block of an InChIKey: the skeleton, without stereochemistry and charge.
SKELETON = "inchi_key14"
#: A name whatever its case: DrugBank writes Aspirin, the Repurposing Hub aspirin.
ANY_CASE = "pert_iname (any case)"
_INCHI_KEY = r"[A-Z]{14}-[A-Z]{10}-[A-Z]"
_BLOCK = 14
#: Columns that may be asked for where neither side has them: they are no misspelling.
_COMMON = (keys.PERT_ID, keys.INCHI_KEY, keys.PERT_NAME)


@dataclass
class Match:
    """What a table says of one perturbagen.

    ``statements`` holds each distinct set of labels with the key that found it, in the order
    of the keys; ``joined_by`` is the first key that found a label, else the first that found a
    row. No key: the perturbagen is not in the table.
    """

    statements: list[tuple[str, Labels]] = field(default_factory=list)
    joined_by: str | None = None

    @property
    def conflict(self) -> bool:
        """Whether there is more than one set of labels."""
        return len(self.statements) > 1


def split_labels(value: object, separator: str) -> Labels:
    """Return the labels in one value, each once; a whole number is "9", never "9.0".

    Words for a missing value are no labels. Blanks within a label, line breaks and control
    characters among them, become one space: a label is a name in tables and figures.
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return ()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    parts = (" ".join(without_controls(part).split()) for part in str(value).split(separator))
    return tuple(dict.fromkeys(part for part in parts if not is_missing_word(part)))


def inchi_block(values: pd.Series) -> pd.Series:
    """Return the first block of InChIKeys; what is no InChIKey (an InChI, say) is missing."""
    text = values.astype(object).where(values.notna(), "").astype(str).str.strip().str.upper()
    return text.str[:_BLOCK].where(text.str.fullmatch(_INCHI_KEY))


class LabelTable:
    """Labels by each key that joins them to perturbagens.

    Parameters
    ----------
    path
        Tab-separated table in any dialect, several rows per compound allowed.
    key
        Column of the labels.
    on
        Columns that join it, tried in this order. One that only one side has is skipped if
        another is left. A mapping says what the table calls them.
    columns
        Columns of the signatures.
    separator
        Between several labels in one field.

    Raises
    ------
    SvqvaeError
        If the label column or all columns of ``on`` are missing, one is on neither side, or one
        of a mapping is missing on either.
    """

    def __init__(
        self,
        path: Path,
        *,
        key: str,
        on: Sequence[str] | Mapping[str, str],
        columns: Iterable[str],
        separator: str,
    ) -> None:
        rows = read_table(path)
        if isinstance(on, Mapping):
            if lacking := missing_columns(rows.columns, on, path, key="labels.on"):
                raise SvqvaeError(lacking)
            on = {canonical(ours): theirs for ours, theirs in on.items()}
            rows = take_columns(rows, on)
        rows = to_vocabulary(rows, what="perturbagens")
        rows = rename_columns(rows, what="signatures")  # a table may be of cell lines
        self.path = path
        self.on = _usable(on, list(columns), rows, path)
        label = find_column(key, rows.columns, f"{path}:")
        parts = rows[label].map(lambda value: split_labels(value, separator))
        # Of each key: the distinct statements per value, () where a row has no label.
        self._by = {
            name: _statements(value, parts)
            for column in self.on
            for name, value in _keyed(rows[column], column).items()
        }

    def match(self, perturbagens: pd.DataFrame) -> list[Match]:
        """Return what the table says of each row of ``perturbagens`` (columns :attr:`on`).

        Raises
        ------
        SvqvaeError
            If no row matches by any key; shows an example of both sides.
        """
        found = [Match() for _ in range(len(perturbagens))]
        for column in self.on:
            values = {n: v.tolist() for n, v in _keyed(perturbagens[column], column).items()}
            for i, match in enumerate(found):
                self._look_up(match, {name: v[i] for name, v in values.items()})
        if not any(m.joined_by for m in found):
            raise SvqvaeError(self._nothing_joins(perturbagens))
        return found

    def _look_up(self, match: Match, values: Mapping[str, object]) -> None:
        """Add what one key column says: by its exact value, else by its skeleton if unique."""
        for name, value in values.items():
            statements = self._by[name].get(value) if value is not None else None
            if statements is None:
                continue
            labelled = [s for s in statements if s]
            if name in (SKELETON, ANY_CASE) and len({frozenset(s) for s in labelled}) > 1:
                return  # stereoisomers, or names, that differ: this says nothing of ours
            if labelled and not match.statements:
                match.joined_by = name
            match.joined_by = match.joined_by or name
            known = {frozenset(s) for _, s in match.statements}
            match.statements += [(name, s) for s in labelled if frozenset(s) not in known]
            return

    def _nothing_joins(self, perturbagens: pd.DataFrame) -> list[str]:
        problems = []
        for column in self.on:
            there, here = next(iter(self._by[column]), None), perturbagens[column].dropna()
            first = f"'{here.iloc[0]}'" if len(here) else "none"
            problems.append(
                f"{self.path}: no {column} of the signatures occurs in it; first of the signatures "
                f"{first}, first of the table '{there}'"
            )
        return problems


def header_problems(
    path: Path, *, key: str, on: str | Sequence[str] | Mapping[str, str] = keys.PERT_ID
) -> list[str]:
    """Return a sentence for each column that a table lacks, as far as its header tells.

    Of several columns in ``on`` one may be on the other side only: these are not looked for.

    Parameters
    ----------
    path, key, on
        As for :class:`LabelTable`.

    Raises
    ------
    SvqvaeError
        If the table is none, as far as its first lines tell.
    """
    header = pd.DataFrame(columns=column_names(path), dtype=object)
    if isinstance(on, Mapping):
        found = missing_columns(header.columns, on, path, key="labels.on")
        header = header.assign(**{canonical(ours): None for ours in on})
        on = []
    else:
        on, found = [on] if isinstance(on, str) else on, []
    ours = rename_columns(to_vocabulary(header, what="perturbagens"), what="signatures")
    known = {*header, *ours}
    wanted = [("key", key), *(("on", name) for name in on if len(on) == 1)]
    return found + [
        f"labels.{setting}: {path}: no column '{name}'{did_you_mean(name, known)}"
        for setting, name in wanted
        if not {name, canonical(name)} & known
    ]


def _usable(
    on: Sequence[str] | Mapping[str, str], columns: list[str], rows: pd.DataFrame, path: Path
) -> list[str]:
    """Return the key columns that both sides have."""
    usable, problems = [], []
    # What a mapping names is meant.
    skips = not isinstance(on, Mapping) and len(on) > 1
    for name in on:
        here = [c for c in (name, canonical(name)) if c in columns]
        there = [c for c in (name, canonical(name)) if c in rows]
        if here and there and here[0] == there[0]:
            usable.append(here[0])
        elif not skips or not (here or there or canonical(name) in _COMMON):
            side, names = (path, rows.columns) if here else ("the signatures", columns)
            problems.append(f"labels.on: no column '{name}' in {side}{did_you_mean(name, names)}")
        else:
            side = path if here else "the signatures"
            log.info("labels.on: %s not used, it is not in %s", name, side)
    if not usable and not problems:
        problems.append(f"labels.on: no column of {', '.join(on)} is in the signatures and {path}")
    if problems:
        raise SvqvaeError(problems)
    return list(dict.fromkeys(usable))


def _keyed(values: pd.Series, column: str) -> dict[str, pd.Series]:
    """Return the values to join by, stripped; of InChIKeys the first block, of names any case."""
    text = values.astype(object).where(values.notna(), None)
    text = text.map(lambda v: None if v is None else str(v).strip() or None)
    if column == keys.PERT_ID:
        text = broad_stem(text)
        text = text.astype(object).where(text.notna(), None)
    found = {column: text}
    if column == keys.INCHI_KEY:
        block = inchi_block(values)
        found[SKELETON] = block.astype(object).where(block.notna(), None)
    if column == keys.PERT_NAME:
        found[ANY_CASE] = text.map(lambda v: v if v is None else v.casefold())
    return found


def _statements(values: pd.Series, parts: pd.Series) -> dict[object, list[Labels]]:
    """Return the distinct label sets of each value, first come first."""
    found: dict[object, dict[frozenset[str], Labels]] = {}
    for value, labels in zip(values, parts, strict=True):
        if value is not None:
            found.setdefault(value, {}).setdefault(frozenset(labels), labels)
    return {value: list(sets.values()) for value, sets in found.items()}
