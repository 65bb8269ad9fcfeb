"""Cells and samples with a control, with known truth."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import svqvae
from svqvae.errors import SvqvaeError
from svqvae.pp.source import Source
from svqvae.signatures.control import Control
from svqvae.signatures.experiment import from_counts


@pytest.fixture
def made_of(tmp_path, cells):
    """Return what makes signatures of the cells, after a change of their AnnData."""
    x, obs, var, _ = cells

    def make(change=lambda adata: adata, control="drug=ctrl", **options):
        adata = change(ad.AnnData(sparse.csr_matrix(x), obs=obs.copy(), var=var.copy()))
        adata.write_h5ad(tmp_path / "cells.h5ad")
        return from_counts(
            Source(signatures=tmp_path / "cells.h5ad"), control=Control.of(control), **options
        )

    return make


def agreement(made, change):
    """Return the correlation of each signature with what was planted in its drug."""
    return [
        np.corrcoef(x, change[d])[0, 1] for x, d in zip(made.x, made.obs["pert_id"], strict=True)
    ]


def test_without_replicates_a_robust_z(made_of, cells):
    made = made_of()
    assert made.obs.index.tolist() == ["a:T", "a:B", "b:T", "b:B"]
    assert set(made.obs["method"]) == {"robust_z"}
    assert made.obs["n_cells"].tolist() == [75] * 4
    assert made.obs["n_control_cells"].tolist() == [75] * 4
    assert made.obs["moa"].tolist() == ["inhibitor", "inhibitor", "agonist", "agonist"]
    assert made.obs["cell_id"].tolist() == ["T", "B", "T", "B"]
    assert "donor" not in made.obs
    assert min(agreement(made, cells[3])) > 0.8
    assert "do not differ as replicates do" in " ".join(made.notes)
    # The same draws each time.
    assert np.array_equal(made.x, made_of().x)


def test_where_nothing_changes_z_has_an_sd_of_one(made_of, cells):
    made = made_of(
        lambda adata: adata[(adata.obs["drug"] == "ctrl").to_numpy()].copy(),
        control="donor=r0",
        perturbation=["donor"],
        cell_type="cell_type",
    )
    assert made.obs["n_cells"].tolist() == [25] * 4
    assert np.std(made.x) == pytest.approx(1, abs=0.2)


def test_replicates_have_a_wald_statistic(made_of, cells):
    pytest.importorskip("pydeseq2")
    made = made_of(
        lambda adata: adata[(adata.obs["cell_type"] == "T").to_numpy()].copy(), replicate="donor"
    )
    assert set(made.obs["method"]) == {"wald"}
    assert made.obs["n_replicates"].tolist() == [3, 3]
    assert made.obs["n_control_replicates"].tolist() == [3, 3]
    assert min(agreement(made, cells[3])) > 0.8
    still = np.stack([cells[3][d] == 0 for d in made.obs["pert_id"]])
    assert np.abs(made.x[still]).mean() < 2 < np.abs(made.x[~still]).mean()


def test_rows_of_bulk_are_replicates(made_of, cells):
    pytest.importorskip("pydeseq2")

    def bulk(adata):
        adata = adata[(adata.obs["cell_type"] == "T").to_numpy()]
        units = pd.factorize(adata.obs["drug"] + adata.obs["donor"])[0]
        x = np.stack([adata.X[units == u].toarray().sum(0) for u in range(9)])
        obs = adata.obs[["drug"]].iloc[::25].set_axis([f"s{i}" for i in range(9)])
        return ad.AnnData(x, obs=obs, var=adata.var)

    made = made_of(bulk)
    assert made.obs.index.tolist() == ["a", "b"]
    assert made.obs["n_replicates"].tolist() == [3, 3]
    assert min(agreement(made, cells[3])) > 0.8
    assert "rows are samples, each a replicate" in made.notes[0]


def test_few_cells_are_no_samples(made_of):
    """As of a screen with few cells of each guide: cells lack counts of most genes."""

    def sparse_cells(adata):
        adata = adata[np.arange(adata.n_obs) % 25 < 2].copy()
        x = np.zeros(adata.shape)
        # Two genes of each cell, another one from cell to cell.
        x[:, 1], x[np.arange(len(x)), 2 + np.arange(len(x))] = 1, 1
        adata.X = x
        return adata

    with pytest.raises(SvqvaeError) as error:
        made_of(sparse_cells)
    assert "cells, summed to pseudobulks" in str(error.value)
    assert "fewer than 10 cells" in str(error.value)


def test_what_is_left_out_is_said(made_of):
    def some(adata):
        a_in_b = ((adata.obs["drug"] == "a") & (adata.obs["cell_type"] == "B")).to_numpy()
        few = np.flatnonzero(a_in_b)[8:]
        keep = np.setdiff1d(np.arange(adata.n_obs), few)
        adata = adata[keep].copy()
        adata.obs["cell_type"] = adata.obs["cell_type"].astype(str)
        last = np.flatnonzero((adata.obs["drug"] == "b").to_numpy())[-30:]
        adata.obs.iloc[last, adata.obs.columns.get_loc("cell_type")] = "NK"
        return adata

    made = made_of(some)
    assert made.obs.index.tolist() == ["a:T", "b:T", "b:B"]
    notes = "\n".join(made.notes)
    assert "1 pseudobulks of fewer than 10 cells are left out" in notes
    assert "and with them 1 perturbations: a:B" in notes
    assert "1 perturbations lack a control of their cell type and are left out: b:NK" in notes


def test_rows_without_a_perturbation(made_of):
    def unknown(adata):
        adata.obs.loc[adata.obs_names[:3], "drug"] = np.nan
        adata.obs.loc[adata.obs_names[-4:], "drug"] = np.nan
        return adata

    made = made_of(unknown)
    assert "7 rows have no 'drug' and are left out" in made.notes


def test_genes_by_entrez_id_add_up(made_of):
    def named(adata):
        # CDK2 by symbol and by Ensembl id, TP53 in another case, and names that are no genes.
        adata.var_names = ["CDK2", "ENSG00000123374.5", "tp53", *adata.var_names[3:]]
        return adata

    made = made_of(named, entrez=True)
    assert made.var["pr_gene_symbol"].to_dict() == {"1017": "CDK2", "7157": "TP53"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"control": "drug=CTRL"}, ["no row has it in column 'drug'; did you mean 'ctrl'?"]),
        ({"control": "drugs=ctrl"}, ["no column 'drugs'; did you mean 'drug'?"]),
        (
            {"perturbation": ["drugg"], "cell_type": "celltype", "replicate": "donors"},
            ["'drugg'; did you mean 'drug'", "did you mean 'cell_type'", "did you mean 'donor'"],
        ),
        ({"min_cells": 1000}, ["nothing can be compared", "fewer than 1000 cells"]),
    ],
)
def test_errors_name_what_to_do(made_of, options, said):
    with pytest.raises(SvqvaeError) as error:
        made_of(**options)
    for part in said:
        assert part in str(error.value)


def test_genes_that_nobody_knows(made_of):
    with pytest.raises(SvqvaeError, match="none of its 80 genes .* Ensembl ids of human genes"):
        made_of(entrez=True)


def test_a_written_file_is_read_as_signatures(made_of, tmp_path):
    made = made_of()
    made.write(tmp_path / "made.h5ad")
    found = svqvae.read(tmp_path / "made.h5ad")
    assert found.X.dtype == np.float32
    how = found.uns["svqvae"]["signatures"]
    assert (how["method"], how["counts"], how["control"]) == ("robust_z", "X", "ctrl")
