"""Which matrix holds counts, and their sums."""

import anndata as ad
import numpy as np
import pytest
from scipy import sparse

from svqvae.errors import SvqvaeError
from svqvae.signatures import counts as module
from svqvae.signatures.counts import open_counts


@pytest.fixture
def adata(cells):
    x, obs, var, _ = cells
    return ad.AnnData(x, obs=obs, var=var)


def logged(adata):
    adata.X = np.log1p(adata.X)
    return adata


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize("block", [1000, 10**9])
def test_sums_of_rows_however_they_lie(tmp_path, adata, kind, block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK_CELLS", block)
    dense = adata.X.copy()
    adata.X = kind(dense)
    adata.write_h5ad(tmp_path / "a.h5ad")
    weights = np.zeros((3, adata.n_obs))
    weights[0, :5], weights[1, 7], weights[2, [3, 400]] = 1, 2, 1
    with open_counts(tmp_path / "a.h5ad") as found:
        assert found.store == "X"
        assert found.sums(sparse.csr_array(weights)) == pytest.approx(weights @ dense)


def test_counts_are_looked_for(tmp_path, adata):
    adata.layers["other"], adata.layers["counts"] = adata.X + 1, adata.X.copy()
    logged(adata).write_h5ad(tmp_path / "a.h5ad")
    with open_counts(tmp_path / "a.h5ad") as found:
        assert found.store == "layers/counts"
    with open_counts(tmp_path / "a.h5ad", "other") as found:
        assert found.store == "layers/other"
    with pytest.raises(SvqvaeError, match="no layer 'cuonts'; did you mean 'counts'"):
        with open_counts(tmp_path / "a.h5ad", "cuonts"):
            pass
    with pytest.raises(SvqvaeError, match="no counts: X holds log or normalised values. Put"):
        with open_counts(tmp_path / "a.h5ad", "X"):
            pass


def test_raw_has_genes_of_its_own(tmp_path, adata):
    some = adata[:, :30].copy()
    some.raw = adata
    logged(some).write_h5ad(tmp_path / "a.h5ad")
    with open_counts(tmp_path / "a.h5ad") as found:
        assert found.store == "raw/X"
        assert found.var.index.tolist() == adata.var_names.tolist()
        ones = sparse.csr_array(np.ones((1, adata.n_obs)))
        assert found.sums(ones)[0] == pytest.approx(adata.X.sum(0))


def test_each_matrix_is_told(tmp_path, adata):
    adata.layers["scaled"] = adata.X - adata.X.mean(0)
    adata.raw = logged(adata)
    adata.write_h5ad(tmp_path / "a.h5ad")
    with pytest.raises(SvqvaeError) as error:
        with open_counts(tmp_path / "a.h5ad"):
            pass
    assert "X holds log or normalised values; layers/scaled holds scaled values" in str(error.value)
    assert "raw/X holds log" in str(error.value)


def test_a_value_that_is_no_count_is_found_on_the_way(tmp_path, adata):
    adata.X[11, 3] = 0.5
    adata.write_h5ad(tmp_path / "a.h5ad")
    with open_counts(tmp_path / "a.h5ad") as found:
        with pytest.raises(SvqvaeError, match="X has values that are no counts"):
            found.sums(sparse.csr_array(np.ones((1, adata.n_obs))))
