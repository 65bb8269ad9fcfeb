"""Both dialects of L1000 metadata come out under one set of names."""

import numpy as np
import pandas as pd
import pytest

import svqvae
from svqvae.errors import SvqvaeError
from svqvae.pp.vocabulary import as_flag, broad_stem, canonical, find_column, to_vocabulary


def test_columns_of_2020_get_their_geo_names():
    table = pd.DataFrame(
        {
            "sig_id": ["s"],
            "pert_id": ["BRD-K1"],
            "cmap_name": ["aspirin"],
            "cell_iname": ["A375"],
            "cc_q75": ["0.3"],
            "nsample": ["3"],
            "is_exemplar_sig": ["1"],
            "ss_ngene": ["200"],
            "tas": ["0.4"],
        }
    )
    before = table.copy()
    found = to_vocabulary(table, what="signatures")
    assert {"pert_iname", "cell_id", "distil_cc_q75", "distil_nsample", "is_exemplar"} <= set(found)
    # A count of genes is not the strength that GEO calls distil_ss.
    assert "ss_ngene" in found
    assert "distil_ss" not in found
    assert not {"pert_dose_um", "pert_time_h"} & set(found)
    pd.testing.assert_frame_equal(table, before)


def test_the_canonical_column_wins_and_the_other_stays():
    table = pd.DataFrame({"cmap_name": ["new"], "pert_iname": ["old"], "pert_desc": ["x"]})
    found = to_vocabulary(table, what="signatures")
    assert found.loc[0].to_dict() == {"cmap_name": "new", "pert_iname": "old", "pert_desc": "x"}
    both = to_vocabulary(table[["pert_desc", "cmap_name"]], what="perturbagens")
    assert both.loc[0].to_dict() == {"pert_desc": "x", "pert_iname": "new"}


def test_gene_spaces_become_flags():
    table = pd.DataFrame(
        {
            "gene_id": ["1", "2", "3"],
            "gene_symbol": list("abc"),
            "feature_space": ["landmark", "best inferred", "inferred"],
        }
    )
    found = to_vocabulary(table, what="genes")
    assert found["pr_is_lm"].tolist() == [1, 0, 0]
    assert found["pr_is_bing"].tolist() == [1, 1, 0]
    assert {"pr_gene_id", "pr_gene_symbol"} <= set(found)
    old = pd.DataFrame({"pr_is_lmark": ["Y", "N"], "is_bing": [1.0, 0.0], "pr_is_inf": ["1", "1"]})
    found = to_vocabulary(old, what="genes")
    assert found["pr_is_lm"].tolist() == [1, 0]
    assert found["pr_is_bing"].tolist() == [1, 0]
    assert "pr_is_inf" in found  # 1 for landmark genes as well: no BING flag


def test_genes_that_are_measured_are_landmark():
    table = pd.DataFrame(
        {
            "entrez_gene_id": ["1", "2"],
            "status": ["measured", "Imputed"],
            "symbol": ["A", "B"],
            "description": ["alpha", "beta"],
        }
    )
    found = to_vocabulary(table, what="genes")
    assert found["pr_is_lm"].tolist() == [1, 0]
    assert {"pr_gene_id", "pr_gene_symbol", "pr_gene_title"} <= set(found)
    assert "pr_is_bing" not in found
    for status in (["measured", "pending"], ["imputed", "imputed"], [None, None]):
        assert "pr_is_lm" not in to_vocabulary(table.assign(status=status), what="genes")
    flagged = to_vocabulary(table.assign(pr_is_lm=["0", "1"]), what="genes")
    assert flagged["pr_is_lm"].tolist() == [0, 1]


def test_what_stands_before_an_inchikey_is_taken_off():
    key = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    table = pd.DataFrame({"inchikey": [f"InChIKey={key}", f" inchikey={key}", key, None]})
    found = to_vocabulary(table, what="perturbagens")["inchi_key"]
    assert found.tolist()[:3] == [key] * 3
    assert found.isna().tolist() == [False] * 3 + [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 um", 10),
        ("10 \u00b5M", 10),
        ("10 \u03bcM", 10),
        ("10 \u00c2\u00b5M", 10),
        ("500 nM", 0.5),
        ("3.33 uM", 3.33),
        (".04 uM", 0.04),
        ("10UM", 10),
        ("1 mM", 1000),
        ("1e-3 mM", 1),
        ("5 umol/L", 5),
        ("0.1 %", np.nan),
        ("100 ng/ml", np.nan),
        ("-666", np.nan),
        ("10 um|3 um", np.nan),
        (None, np.nan),
    ],
)
def test_doses_are_micromolar(text, expected):
    table = pd.DataFrame({"pert_idose": [text, "1 uM"]})
    found = to_vocabulary(table, what="signatures")["pert_dose_um"]
    np.testing.assert_allclose(found, [expected, 1], rtol=1e-12)


def test_times_are_hours():
    table = pd.DataFrame({"pert_itime": ["24 h", "6h", "1440 min", "2 days", "x", None]})
    found = to_vocabulary(table, what="signatures")["pert_time_h"]
    np.testing.assert_allclose(found, [24, 6, 24, 48, np.nan, np.nan])


def test_number_and_unit_columns_fill_what_text_lacks():
    table = pd.DataFrame(
        {
            "pert_type": ["TRT_CP", "trt_cp", "CTL_VEHICLE", None],
            "pert_idose": [None, "10 uM", None, None],
            "exp_pert_dose": ["500.0", "9.9", "-666.0", "2"],
            "exp_pert_dose_unit": ["NM", "UM", "UM", "%"],
            "exp_pert_time": [6.0, 6.0, np.nan, 24.0],
            "exp_pert_time_unit": ["H", "H", "H", None],
        }
    )
    found = to_vocabulary(table, what="signatures")
    np.testing.assert_allclose(found["pert_dose_um"], [0.5, 10, np.nan, np.nan])
    np.testing.assert_allclose(found["pert_time_h"], [6, 6, np.nan, np.nan])
    assert found["pert_type"].fillna("-").tolist() == ["trt_cp", "trt_cp", "ctl_vehicle", "-"]
    empty = to_vocabulary(
        pd.DataFrame({"pert_idose": [None], "pert_itime": [np.nan]}), what="signatures"
    )
    assert not {"pert_dose_um", "pert_time_h"} & set(empty)


def test_categories_will_do():
    table = pd.DataFrame({"pert_idose": pd.Categorical(["1 uM", None, "1 uM"])})
    assert to_vocabulary(table, what="signatures")["pert_dose_um"].tolist()[::2] == [1.0, 1.0]


def test_the_repurposing_hub_gets_ids_and_keys():
    table = pd.DataFrame({"broad_id": ["BRD-K76022557-003-28-9"], "InChIKey": ["A"]})
    found = to_vocabulary(table, what="perturbagens")
    assert found["pert_id"].tolist() == ["BRD-K76022557"]
    assert found["inchi_key"].tolist() == ["A"]
    kept = to_vocabulary(table.assign(pert_id="mine"), what="perturbagens")
    assert kept["pert_id"].tolist() == ["mine"]


def test_batches_of_a_broad_id_are_cut_and_other_ids_are_not():
    ids = pd.Series(["BRD-K76022557-003-28-9", "BRD-K76022557", "TRCN0000010389-1", None])
    assert broad_stem(ids).tolist()[:3] == ["BRD-K76022557", "BRD-K76022557", "TRCN0000010389-1"]
    assert broad_stem(ids).isna()[3]


def test_names_of_either_dialect_find_the_column():
    assert canonical("cc_q75") == "distil_cc_q75"
    assert canonical("tas") == "tas"
    assert find_column("InChIKey", ["inchi_key"], "x:") == "inchi_key"
    with pytest.raises(SvqvaeError, match="here: no column 'cell_ids'; did you mean 'cell_id'"):
        find_column("cell_ids", ["cell_id"], "here:")


def test_flags_are_read_however_they_are_written():
    values = pd.Series([1, 0, 1.0, "True", "no", "maybe", None, True], dtype=object)
    assert as_flag(values).fillna(-1).tolist() == [1, 0, 1, 1, 0, -1, -1, 1]


@pytest.mark.parametrize(
    ("name", "dose", "time"),
    [
        ("modz_level5_n272x978.gctx", {10, 3, 1, 0.1, 0.5}, {6, 24}),
        ("CPC006_A375_6H_level4_n371x978.gctx", None, {6}),
    ],
)
def test_real_files_of_old_dialects(shared_data, name, dose, time):
    obs, var = (lambda a: (a.obs, a.var))(svqvae.read(shared_data / "l1000_plates" / name))
    obs = to_vocabulary(obs, what="signatures")
    assert {"pert_iname", "pert_type", "pert_dose_um", "pert_time_h"} <= set(obs)
    assert obs["pert_type"].str.islower().all()
    if dose:
        assert set(obs["pert_dose_um"].dropna().unique()) == dose
        assert (to_vocabulary(var, what="genes")["pr_is_lm"] == 1).all()
    assert set(obs["pert_time_h"].dropna().unique()) <= time
