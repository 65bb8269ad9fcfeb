"""Choose signatures and genes, and keep account of what each step dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

#: Metadata columns that mark the gene spaces of L1000.
GENE_SPACES = {"landmark": keys.IS_LANDMARK, "bing": keys.IS_BING}


class FilterLog:
    """Account of the signatures, perturbagens and classes that each step kept.

    Parameters
    ----------
    obs
        Signature table before any filter.
    group
        Column that names the perturbagen.
    """

    def __init__(self, obs: pd.DataFrame, *, group: str) -> None:
        self._group = group
        self._rows: list[dict[str, object]] = []
        self._note("read", obs, dropped=0)

    def _note(self, step: str, obs: pd.DataFrame, *, dropped: int) -> None:
        self._rows.append(
            {
                "step": step,
                "dropped": dropped,
                "signatures": len(obs),
                "perturbagens": obs[self._group].nunique() if self._group in obs else 0,
                "classes": obs[keys.CLASS].nunique() if keys.CLASS in obs else 0,
            }
        )

    def keep(self, obs: pd.DataFrame, mask: np.ndarray | pd.Series, step: str) -> pd.DataFrame:
        """Return the rows of ``obs`` in ``mask``; if none is left, say which step did it."""
        kept = obs[np.asarray(mask, dtype=bool)]
        if kept.empty:
            raise SvqvaeError(
                f"{step} left no signature of {len(obs)}; relax it (filters so far: "
                f"{', '.join(str(r['step']) for r in self._rows)})"
            )
        self._note(step, kept, dropped=len(obs) - len(kept))
        return kept

    def note_labels(self, obs: pd.DataFrame, before: int) -> None:
        """Record the step in which labels were joined and signatures may have been repeated."""
        self._note("labels", obs, dropped=before - len(obs))

    def table(self) -> pd.DataFrame:
        """Return one row per step: step, dropped, then what was left."""
        return pd.DataFrame(self._rows)


def _column(obs: pd.DataFrame, name: str, key: str) -> pd.Series:
    if name not in obs:
        raise SvqvaeError(
            f"{key}: the signatures have no column '{name}'{did_you_mean(name, obs.columns)}"
        )
    return obs[name]


def keep_values(
    obs: pd.DataFrame, log: FilterLog, *, column: str, values: Sequence[str], key: str
) -> pd.DataFrame:
    """Keep signatures whose ``column`` is in ``values``, each of which must occur."""
    found = _column(obs, column, key).astype(str)
    lost = [v for v in values if v not in set(found)]
    if lost:
        raise SvqvaeError(
            [f"{key}: no signature has {column} '{v}'{did_you_mean(v, set(found))}" for v in lost]
        )
    return log.keep(obs, found.isin(values), key)


def keep_ranges(
    obs: pd.DataFrame, log: FilterLog, quality: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Keep signatures whose quality columns lie in [min, max]; missing values do not."""
    for name, bounds in quality.items():
        value = pd.to_numeric(_column(obs, name, f"filters.quality.{name}"), errors="coerce")
        low, high = bounds.get("min", -np.inf), bounds.get("max", np.inf)
        obs = log.keep(obs, value.between(low, high), f"filters.quality.{name}")
    return obs


def exclude_perturbagens(obs: pd.DataFrame, log: FilterLog, names: Sequence[str]) -> pd.DataFrame:
    """Leave out perturbagens by id or by name."""
    columns = [c for c in (keys.PERT_ID, keys.PERT_NAME) if c in obs]
    present = set().union(*(set(obs[c].dropna().astype(str)) for c in columns))
    lost = [n for n in names if n not in present]
    if lost:
        raise SvqvaeError(
            f"filters.exclude_perturbagens: no perturbagen '{n}'{did_you_mean(n, present)}"
            for n in lost
        )
    hit = np.zeros(len(obs), dtype=bool)
    for column in columns:
        hit |= obs[column].astype(str).isin(names).to_numpy()
    return log.keep(obs, ~hit, "filters.exclude_perturbagens")


def keep_large_classes(
    obs: pd.DataFrame,
    log: FilterLog,
    *,
    group: str,
    min_perturbagens: int,
    min_signatures: int,
) -> pd.DataFrame:
    """Keep classes with enough perturbagens and signatures."""
    by_class = obs.groupby(keys.CLASS, observed=True)[group]
    perturbagens, signatures = by_class.transform("nunique"), by_class.transform("size")
    obs = log.keep(obs, perturbagens >= min_perturbagens, "filters.min_perturbagens_per_class")
    signatures = signatures.loc[(perturbagens >= min_perturbagens).to_numpy()]
    return log.keep(obs, signatures >= min_signatures, "filters.min_signatures_per_class")


def choose_genes(var: pd.DataFrame, genes: str) -> list[str]:
    """Return the ids of the genes to read.

    Parameters
    ----------
    genes
        ``landmark``, ``bing``, ``all``, or the path of a text file with one id or symbol a
        line.
    """
    if genes == "all":
        return list(var.index)
    if genes in GENE_SPACES:
        column = GENE_SPACES[genes]
        if column not in var:
            raise SvqvaeError(
                f"filters.genes: {genes} needs the gene column '{column}', found "
                f"{list(var.columns)}; give source.gene_info, or set filters.genes to all"
            )
        chosen = list(var.index[pd.to_numeric(var[column], errors="coerce") == 1])
        if not chosen:
            raise SvqvaeError(f"filters.genes: no gene has {column} = 1; set filters.genes to all")
        return chosen
    path = Path(genes)
    if not path.is_file():
        raise SvqvaeError(f"filters.genes: '{genes}' is neither landmark, bing, all nor a file")
    wanted = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    symbols = var[keys.GENE_SYMBOL] if keys.GENE_SYMBOL in var else pd.Series(dtype=object)
    id_of = {str(s): i for i, s in symbols.items()} | {i: i for i in var.index}
    lost = [w for w in wanted if w not in id_of]
    if lost:
        raise SvqvaeError(
            f"{path}: {len(lost)} of {len(wanted)} genes are not in the data, first "
            f"'{lost[0]}'{did_you_mean(lost[0], id_of)}"
        )
    return list(dict.fromkeys(id_of[w] for w in wanted))
