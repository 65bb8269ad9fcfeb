"""Pathways of a class: gene sets among its markers, and along its whole contrast."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean, require_extra
from svqvae.tl.fdr import FDR, benjamini_hochberg
from svqvae.tl.genes.markers import Contrasts

log = logging.getLogger("svqvae")

#: Sets with fewer or more of the data's genes are left out.
SMALLEST, LARGEST = 5, 500
#: Rows up to this p-value are written; q-values count all.
SHOWN = 0.05
_PERMUTATIONS = 1000


def class_enrichment(
    contrasts: Contrasts, gene_sets: Mapping[str, Sequence[str]], *, seed: int = 0
) -> pd.DataFrame:
    """Return the gene sets that each class moves, by two methods.

    Parameters
    ----------
    gene_sets
        Symbols or Entrez ids by name; :func:`svqvae.io.gmt.read_gene_sets`.

    Returns
    -------
    DataFrame
        class, method, direction, gene_set, n_genes (of the data), n_found, score, p_value,
        q_value, genes; by class, method and p_value; those of p <= 0.05.

        ``over_representation``: Fisher's one-sided test of the class's marker genes (q <= 0.05 on
        the data, and decoded in the same direction), up and down apart, against all genes of the
        data; score is the odds ratio. ``rank``: pre-ranked GSEA (Subramanian et al. 2005) along the
        decoded contrast (gseapy); score is the normalised enrichment score. Its null permutes
        genes, so that sets of genes that move together anyway come out too easily. q-values are
        within class and method: Benjamini-Hochberg over all sets and both directions, and GSEA's
        own.

    Raises
    ------
    SvqvaeError
        If no set has five of the data's genes.
    """
    require_extra("enrichment", "gseapy")
    sets = _sets_of(contrasts, gene_sets)
    tables = []
    for row, name in enumerate(contrasts.classes):
        both = [_over_represented(contrasts, row, sets), _ranked(contrasts, row, sets, seed)]
        found = pd.concat(both, ignore_index=True)
        found.insert(0, keys.CLASS, name)
        tables.append(found[found["p_value"] <= SHOWN])
    return pd.concat(tables, ignore_index=True)


def _sets_of(contrasts: Contrasts, gene_sets: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the sets, as gene ids of the data, that have neither too few of them nor too many."""
    id_of = dict(zip(contrasts.symbols[::-1], contrasts.gene_ids[::-1], strict=True))
    id_of |= {gene: gene for gene in contrasts.gene_ids}
    within = {
        name: sorted({id_of[gene] for gene in genes if gene in id_of})
        for name, genes in gene_sets.items()
    }
    sets = {name: ids for name, ids in within.items() if SMALLEST <= len(ids) <= LARGEST}
    log.info("%d of %d gene sets have %d to %d genes", len(sets), len(within), SMALLEST, LARGEST)
    if not sets:
        example = next((gene for genes in gene_sets.values() for gene in genes), "")
        raise SvqvaeError(
            f"analysis.gene_sets: none of {len(within)} sets has {SMALLEST} to {LARGEST} genes of "
            f"the data; first gene '{example}'{did_you_mean(example, contrasts.symbols)}"
        )
    return sets


def _over_represented(
    contrasts: Contrasts, row: int, sets: Mapping[str, list[str]]
) -> pd.DataFrame:
    """Test the class's markers, up and down apart, for each set (hypergeometric)."""
    symbol_of = dict(zip(contrasts.gene_ids, contrasts.symbols, strict=True))
    score, marked = contrasts.score[row], contrasts.q_value[row] <= FDR
    n_genes = np.array([len(ids) for ids in sets.values()])
    every = len(contrasts.gene_ids)
    tables = []
    for direction, chosen in (("up", marked & (score > 0)), ("down", marked & (score < 0))):
        genes = set(contrasts.gene_ids[chosen])
        found = [[g for g in ids if g in genes] for ids in sets.values()]
        n_found = np.array([len(ids) for ids in found])
        outside = every - n_genes - len(genes) + n_found
        # Half a gene more in each field (Haldane, Anscombe): the ratio stays finite.
        odds = (n_found + 0.5) * (outside + 0.5)
        odds /= (n_genes - n_found + 0.5) * (len(genes) - n_found + 0.5)
        tables.append(
            pd.DataFrame(
                {
                    "method": "over_representation",
                    "direction": direction,
                    "gene_set": list(sets),
                    "n_genes": n_genes,
                    "n_found": n_found,
                    "score": odds,
                    "p_value": stats.hypergeom.sf(n_found - 1, every, n_genes, len(genes)),
                    "genes": [keys.SEPARATOR.join(symbol_of[g] for g in ids) for ids in found],
                }
            )
        )
    both = pd.concat(tables, ignore_index=True)
    both.insert(7, "q_value", benjamini_hochberg(both["p_value"]))
    return both.sort_values("p_value", kind="stable")


def _ranked(
    contrasts: Contrasts, row: int, sets: Mapping[str, list[str]], seed: int
) -> pd.DataFrame:
    """Run pre-ranked GSEA along the class's decoded contrast."""
    import gseapy

    symbol_of = dict(zip(contrasts.gene_ids, contrasts.symbols, strict=True))
    found = gseapy.prerank(
        rnk=pd.Series(contrasts.score[row], index=contrasts.gene_ids).sort_values(ascending=False),
        gene_sets=dict(sets),
        min_size=SMALLEST,
        max_size=LARGEST,
        permutation_num=_PERMUTATIONS,
        outdir=None,
        no_plot=True,
        seed=seed,
        threads=1,
    ).res2d
    score = found["NES"].to_numpy(dtype=float)
    leading = [[g for g in ids.split(";") if g] for ids in found["Lead_genes"]]
    return pd.DataFrame(
        {
            "method": "rank",
            "direction": np.where(score >= 0, "up", "down"),
            "gene_set": found["Term"],
            "n_genes": [len(sets[name]) for name in found["Term"]],
            "n_found": [len(ids) for ids in leading],
            "score": score,
            # A share of permutations is never 0.
            "p_value": np.maximum(found["NOM p-val"].to_numpy(dtype=float), 1 / _PERMUTATIONS),
            "q_value": found["FDR q-val"].to_numpy(dtype=float),
            "genes": [keys.SEPARATOR.join(symbol_of[g] for g in ids) for ids in leading],
        }
    ).sort_values("p_value", kind="stable")
