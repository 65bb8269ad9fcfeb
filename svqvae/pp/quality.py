"""Choose signatures by quality: ranges, flags, and the published definition of gold."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.pp.account import FilterLog
from svqvae.pp.filters import column_of, in_range
from svqvae.pp.vocabulary import as_flag, canonical

log = logging.getLogger("svqvae")

Scale = Literal["auto", "fraction", "percent"]

#: Replicates correlate, and a signature finds itself among the first ranks (Subramanian 2017).
GOLD_CC, GOLD_RANK = 0.2, 0.05
#: The largest rank on each scale.
_TOP = {"fraction": 1.0, "percent": 100.0}
#: A scale fits the file's own is_gold column where this share of verdicts is the same. Not all:
#: old files hold a few signatures that meet the definition and are not called gold.
_FITS = 0.95
#: Thresholds allow for numbers stored in single precision.
_SLACK = 1e-6

_KEY = f"filters.quality.{keys.IS_GOLD}"


def keep_quality(
    obs: pd.DataFrame,
    account: FilterLog,
    quality: Mapping[str, Mapping[str, float] | bool | str],
    *,
    everything: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Keep signatures of the wanted quality; a missing value is never good enough.

    Parameters
    ----------
    quality
        By column, in either dialect: a range ``{min, max}`` with both ends included, ``true``
        or ``false`` for a flag, and for ``is_gold`` also ``auto``, ``fraction`` or ``percent``
        (see :func:`is_gold`).
    everything
        All signatures of the file, by which the scale of ranks is detected; default ``obs``.

    Raises
    ------
    SvqvaeError
        If a column is missing, a flag is neither yes nor no, the scale of ranks is unclear or
        contradicts the data, or nothing is left.
    """
    for name, wanted in quality.items():
        key = f"filters.quality.{name}"
        if isinstance(wanted, str):
            if canonical(name) != keys.IS_GOLD:
                raise SvqvaeError(f"{key}: found '{wanted}', expected a range, true or false")
            scale = _scale(obs if everything is None else everything, wanted)
            obs = account.keep(obs, _gold(obs, scale), key)
            continue
        column = column_of(obs, name, key)
        if isinstance(wanted, bool):
            obs = account.keep(obs, _flag(column, key) == float(wanted), key)
        else:
            value = pd.to_numeric(column.astype(object), errors="coerce")
            obs = account.keep(obs, in_range(value, wanted), key)
    return obs


def _flag(column: pd.Series, key: str) -> pd.Series:
    flag = as_flag(column)
    odd = column[flag.isna() & column.notna()].unique()
    if len(odd):
        raise SvqvaeError(
            f"{key}: '{column.name}' is no flag; found {', '.join(map(repr, odd[:5].tolist()))}, "
            "expected 1 or 0, true or false; for a range write {min: ..., max: ...}"
        )
    return flag


def is_gold(obs: pd.DataFrame, *, scale: Scale = "auto") -> pd.Series:
    """Return whether signatures are gold: distil_cc_q75 >= 0.2, pct_self_rank_q25 <= 5 %.

    Source: Subramanian et al., Cell 171 (2017). Ranks are found as fractions (0.05) and as
    percent (5), in files that do not say which.

    Parameters
    ----------
    scale
        ``fraction`` or ``percent``; ``auto`` takes percent where ranks exceed 1, else the one
        scale that the file's own ``is_gold`` column fits.

    Raises
    ------
    SvqvaeError
        If a column is missing, ``auto`` cannot decide, or the data contradicts the scale.
    """
    return _gold(obs, _scale(obs, scale))


def _ranks(obs: pd.DataFrame) -> pd.Series:
    rank = column_of(obs, keys.RANK_Q25, _KEY).astype(object)
    rank = pd.to_numeric(rank, errors="coerce").astype(float)
    return rank.where(rank >= 0)  # single replicates have negative ranks, nulls may be -666


def _gold(obs: pd.DataFrame, scale: str) -> pd.Series:
    cc = pd.to_numeric(column_of(obs, keys.CC_Q75, _KEY).astype(object), errors="coerce")
    limit = GOLD_RANK * _TOP[scale]
    return (cc >= GOLD_CC * (1 - _SLACK)) & (_ranks(obs) <= limit * (1 + _SLACK))


def _scale(obs: pd.DataFrame, stated: str) -> str:
    rank = _ranks(obs)
    largest = rank.max()
    if np.isnan(largest):
        raise SvqvaeError(f"{_KEY}: no signature has a {keys.RANK_Q25}")
    if stated != "auto":
        if stated not in _TOP:
            raise SvqvaeError(f"{_KEY}: found '{stated}', expected auto, fraction or percent")
        if largest > _TOP[stated]:
            other = "; set percent" if stated == "fraction" and largest <= 100 else ""
            raise SvqvaeError(
                f"{_KEY}: {stated} contradicts {keys.RANK_Q25}, which goes up to {largest:g}{other}"
            )
        return stated
    if largest > _TOP["percent"]:
        raise SvqvaeError(
            f"{_KEY}: {keys.RANK_Q25} goes up to {largest:g}: neither a fraction nor percent"
        )
    if largest > _TOP["fraction"]:
        log.info("%s: %s goes up to %g: percent", _KEY, keys.RANK_Q25, largest)
        return "percent"
    shares = _agreement(obs)
    fitting = [scale for scale, share in shares.items() if share >= _FITS]
    if len(fitting) == 1:
        log.info("%s: the file's own %s column fits %s", _KEY, keys.IS_GOLD, fitting[0])
        return fitting[0]
    why = (
        ", ".join(
            f"{scale} agrees with its is_gold column in {s:.0%}" for scale, s in shares.items()
        )
        or f"there is no {keys.IS_GOLD} column to tell by"
    )
    raise SvqvaeError(
        f"{_KEY}: {keys.RANK_Q25} goes up to {largest:g}, which may be a fraction or percent "
        f"({why}); set fraction or percent"
    )


def _agreement(obs: pd.DataFrame) -> dict[str, float]:
    if keys.IS_GOLD not in obs:
        return {}
    flag = as_flag(obs[keys.IS_GOLD])
    known = (flag.notna() & _ranks(obs).notna()).to_numpy()
    if not known.any():
        return {}
    flag, part = flag[known] == 1, obs[known]
    return {scale: float((_gold(part, scale) == flag).mean()) for scale in _TOP}
