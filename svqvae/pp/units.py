"""Doses in micromolar and times in hours, from what L1000 metadata writes.

Nominal values as text ("10 um", "3.33 µM", "500 nM", "24 h") come first: they are what an
experiment was designed with. Where there is none, number and unit columns are taken.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from svqvae import keys

#: What one unit is in micromolar. Other units (%, ng/ml, ul) have no molarity: missing.
_MOLAR = {"pm": 1e-6, "nm": 1e-3, "um": 1.0, "mm": 1e3, "m": 1e6}
#: What one unit is in hours.
_HOURS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 1 / 60),
    **dict.fromkeys(("d", "day", "days"), 24.0),
}
_QUANTITY = r"^\s*\+?((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\D+?)\s*$"


def dose_um(table: pd.DataFrame) -> pd.Series | None:
    """Return doses in micromolar, or None where the table says nothing of doses.

    Parameters
    ----------
    table
        With ``pert_idose``, or ``pert_dose`` and ``pert_dose_unit``, in GEO names.

    Returns
    -------
    Series of float, or None
        Missing where there is no dose, or one in a unit that is not molar.

    Examples
    --------
    >>> dose_um(pd.DataFrame({"pert_idose": ["10 uM", "500 nM", "3 %"]})).tolist()
    [10.0, 0.5, nan]
    """
    return _quantity(table, keys.DOSE_TEXT, keys.DOSE, keys.DOSE_UNIT, _MOLAR)


def time_h(table: pd.DataFrame) -> pd.Series | None:
    """Return times in hours, or None where the table says nothing of times.

    Examples
    --------
    >>> time_h(pd.DataFrame({"pert_itime": ["24 h", "30 min"]})).tolist()
    [24.0, 0.5]
    """
    return _quantity(table, keys.TIME_TEXT, keys.TIME, keys.TIME_UNIT, _HOURS)


def _quantity(
    table: pd.DataFrame, text: str, number: str, unit: str, factors: dict[str, float]
) -> pd.Series | None:
    found = []
    if text in table and table[text].notna().any():
        found.append(_from_text(table[text], factors))
    if number in table and unit in table and (table[number].notna() & table[unit].notna()).any():
        value = pd.to_numeric(table[number].astype(object), errors="coerce").astype(float)
        code, units = pd.factorize(table[unit].astype(object), use_na_sentinel=True)
        factor = np.append([_factor(u, factors) for u in units], np.nan)[code]
        # A negative dose is the null value under another spelling (-666.0).
        found.append(value.where(value >= 0) * factor)
    if not found:
        return None
    return found[0] if len(found) == 1 else found[0].fillna(found[1])


def _from_text(values: pd.Series, factors: dict[str, float]) -> pd.Series:
    code, distinct = pd.factorize(values.astype(object), use_na_sentinel=True)
    parts = pd.Series(distinct, dtype=object).astype(str).str.extract(_QUANTITY)
    factor = [_factor(u, factors) for u in parts[1]]
    amounts = np.append(parts[0].astype(float).to_numpy() * np.array(factor), np.nan)
    return pd.Series(amounts[code], index=values.index)


def _factor(unit: object, factors: dict[str, float]) -> float:
    name = str(unit).strip()
    for micro in ("\u00c2\u00b5", "\u00b5", "\u03bc"):  # sign, letter, and UTF-8 read as Latin-1
        name = name.replace(micro, "u")
    name = name.lower().removesuffix("ol/l") if name.lower().endswith("mol/l") else name.lower()
    return factors.get(name, np.nan)
