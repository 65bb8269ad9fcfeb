"""A model's genes, and tables as the programs of the field write them."""

import numpy as np
import pandas as pd
import pytest

from svqvae.query.genes import GeneNames

#: Entrez ids, symbols of today and of 2016, Ensembl ids of some landmark genes.
GENES = [
    ("16", "AARS1", "AARS", "ENSG00000090861"),
    ("1017", "CDK2", "CDK2", "ENSG00000123374"),
    ("7157", "TP53", "TP53", "ENSG00000141510"),
    ("5601", "MAPK9", "MAPK9", "ENSG00000050748"),
    ("9868", "TOMM70", "TOMM70A", "ENSG00000154174"),
    ("5720", "PSME1", "PSME1", "ENSG00000092010"),
]
CHANGE = np.array([2.0, -1.0, 0.5, -0.25, 1.5, -3.0])


@pytest.fixture
def names():
    return GeneNames([entrez for entrez, *_ in GENES])


@pytest.fixture
def tables(tmp_path):
    """Return what writes a table of differential expression of a program, and its path."""
    p = np.array([1e-8, 0.01, 0.2, 0.5, 1e-4, 0.0])
    symbols = [new for _, new, _, _ in GENES]
    kinds = {
        "deseq2.csv": pd.DataFrame(
            {"baseMean": 100.0, "log2FoldChange": CHANGE, "lfcSE": 0.5, "stat": CHANGE / 0.5}
            | {"pvalue": p, "padj": [*p[:5], np.nan]},
            index=symbols,
        ),
        "edger.csv": pd.DataFrame(
            {"logFC": CHANGE, "logCPM": 5.0, "F": 12.0, "PValue": p, "FDR": p},
            index=[f"{ensembl}.{at + 3}" for at, (*_, ensembl) in enumerate(GENES)],
        ),
        "limma.csv": pd.DataFrame(
            {"logFC": CHANGE, "AveExpr": 7.0, "t": CHANGE * 3, "P.Value": p}
            | {"adj.P.Val": p, "B": -1.0},
            index=[old for _, _, old, _ in GENES],
        ),
        "seurat.csv": pd.DataFrame(
            {"p_val": p, "avg_log2FC": CHANGE, "pct.1": 0.5, "pct.2": 0.1, "p_val_adj": p},
            index=[s.lower() for s in symbols],
        ),
        "scanpy.csv": pd.DataFrame(
            {"group": ["T"] * 6 + ["B"] * 6, "names": symbols * 2}
            | {"scores": [*CHANGE, *-CHANGE], "logfoldchanges": 1.0, "pvals": 0.1}
            | {"pvals_adj": 0.2},
        ),
    }

    def write(kind):
        kinds[kind].to_csv(tmp_path / kind)
        return tmp_path / kind

    return write
