"""What tables say of a signature beside its id."""

import anndata as ad
import numpy as np
import pandas as pd

from svqvae.data.described import described, known_of


def signatures(**columns):
    obs = pd.DataFrame({"class": ["a", "b"], **columns}, index=["s1", "s2"])
    return ad.AnnData(np.zeros((2, 1), np.float32), obs=obs)


def test_what_is_not_known_has_no_column():
    table = described(signatures(pert_id=["007", "NA"], cell_id=pd.Categorical(["1", "2"])))
    assert list(table) == ["sig_id", "pert_id", "cell_id", "true_class"]
    assert table["cell_id"].tolist() == ["1", "2"]
    assert table["pert_id"].tolist() == ["007", "NA"]


def test_of_a_compound_under_several_ids_each_keeps_its_own():
    adata = signatures(pert_id=["x", None], compound=["one", "one"])
    # Without an id, what counts as one stands there.
    assert described(adata)["pert_id"].tolist() == ["x", "one"]


def test_names_are_text_and_missing_ones_stay():
    names = pd.Series([7, None], dtype=object)
    found = known_of(pd.DataFrame({"pert_iname": names, "pert_idose": ["10 um", "1 um"]}))
    assert found["pert_iname"].iloc[0] == "7"
    assert found["pert_iname"].isna().tolist() == [False, True]
