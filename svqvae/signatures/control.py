"""Which rows are controls: a column and the values that mean so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.missing import is_missing_text, is_missing_word
from svqvae.pp.vocabulary import canonical

#: Words for controls, which are looked for where a name is wrong.
_WORDS = frozenset(
    "dmso control controls ctrl ctl vehicle untreated unperturbed targeting nt pbs mock".split()
)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A column and its values that are controls; of no column, that of the perturbations."""

    values: tuple[str, ...]
    column: str | None = None

    @classmethod
    def of(cls, given: str | Mapping[str, Any]) -> Control:
        """Return what was asked for: ``COLUMN=VALUE,VALUE`` or ``VALUE``, or ``{column: values}``.

        Raises
        ------
        SvqvaeError
            If no value is named, or several columns.
        """
        if isinstance(given, Mapping):
            if len(given) != 1:
                raise SvqvaeError(f"control: found {len(given)} columns, expected one")
            ((column, values),) = given.items()
            listed = values if isinstance(values, list | tuple) else [values]
            return cls(values=tuple(map(str, listed)), column=str(column))
        column, separator, text = given.rpartition("=")
        values = tuple(v.strip() for v in text.split(",") if v.strip())
        if not values or (separator and not column.strip()):
            raise SvqvaeError(f"control: found '{given}', expected COLUMN=VALUE, as pert_id=DMSO")
        return cls(values=values, column=column.strip() or None)

    def rows(self, obs: pd.DataFrame, where: object) -> np.ndarray:
        """Return which rows are controls.

        A value that files are read as missing (``none``, ``NA``) means the rows without one.

        Raises
        ------
        SvqvaeError
            If there is no such column, or a value is in no row; names the nearest.
        """
        name = column_of(obs, self.column or "", where, "control")
        column = obs[name].astype(object)
        missing = is_missing_text(column).to_numpy()
        # A dose of 0 is 0.0 in a column of numbers.
        text = column.map(plain).to_numpy()
        found = np.zeros(len(obs), dtype=bool)
        problems = []
        for value in self.values:
            mine = missing if is_missing_word(value) else (text == value) & ~missing
            if not mine.any():
                problems.append(
                    f"{where}: control '{value}': no row has it in column '{name}'"
                    f"{_nearest(value, text[~missing])}"
                )
            found |= mine
        if problems:
            raise SvqvaeError(problems)
        if found.all():
            raise SvqvaeError(
                f"{where}: control: all {len(obs)} rows are controls by '{name}'; name the column "
                "that tells them from treated ones"
            )
        return found


def plain(value: object) -> str:
    """Return a value as it is written by people: numbers without needless decimals."""
    return f"{value:g}" if isinstance(value, float) else str(value).strip()


def _nearest(value: str, text: np.ndarray) -> str:
    """Return the nearest name, or those that sound like a control."""
    known = pd.unique(pd.Series(text, dtype=object)).tolist()
    by_case = [name for name in known if name.lower() == value.lower()]
    likely = [name for name in known if _sounds_so(name)]
    if by_case:
        return f"; did you mean '{by_case[0]}'?"
    hint = did_you_mean(value, known)
    if "did you mean" in hint or not likely:
        return hint
    return f"; controls may be {', '.join(map(repr, likely[:3]))}"


def _sounds_so(name: str) -> bool:
    """Return whether one of the words of a name is a word for controls."""
    return bool(set(re.split(r"[^a-z]+", name.lower())) & _WORDS)


def likely_controls(obs: pd.DataFrame) -> list[str]:
    """Return up to three columns with a value that sounds like a control, as ``COLUMN=VALUE``."""
    found = []
    for name in obs.columns:
        if not pd.api.types.is_numeric_dtype(obs[name]):
            values = obs[name].dropna().astype(str).unique()
            found += [f"{name}={value}" for value in values if _sounds_so(value)][:1]
    return found[:3]


def column_of(obs: pd.DataFrame, name: str, where: object, what: str) -> str:
    """Return the column that a name means, in either dialect of L1000.

    Raises
    ------
    SvqvaeError
        If there is none; names the nearest.
    """
    for candidate in (name, canonical(name)):
        if candidate in obs:
            return candidate
    raise SvqvaeError(f"{where}: {what}: no column '{name}'{did_you_mean(name, obs.columns)}")


def columns_of(obs: pd.DataFrame, wanted: Sequence[tuple[str, str]], where: object) -> list[str]:
    """Return columns by pairs of what they are for and name; all that are missing at once.

    Raises
    ------
    SvqvaeError
        Names each that is missing and the nearest.
    """
    found, problems = [], []
    for what, name in wanted:
        try:
            found.append(column_of(obs, name, where, what))
        except SvqvaeError as error:
            problems += error.problems
    if problems:
        raise SvqvaeError(problems)
    return found
