"""Files of plates to signatures."""

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.gctx import write_gctx
from svqvae.pp.source import Source
from svqvae.signatures import plates
from svqvae.signatures.control import Control
from svqvae.signatures.modz import modz
from svqvae.signatures.plates import from_plates
from svqvae.signatures.zscore import reference_of

GENES = 220


@pytest.fixture
def wells():
    """Three plates: 12 vehicles and 10 compounds each, which move genes of their own."""
    rng = np.random.default_rng(0)
    rows = [
        (f"A_MCF7_6H_X{plate}", f"W{well:02}", "DMSO" if well < 12 else f"c{well}")
        for plate in (1, 2, 3)
        for well in range(22)
    ]
    obs = pd.DataFrame(rows, columns=["rna_plate", "rna_well", "pert_id"])
    obs.index = obs["rna_plate"] + ":" + obs["rna_well"]
    obs["pert_type"] = np.where(obs["pert_id"] == "DMSO", "ctl_vehicle", "trt_cp")
    effect = {p: rng.normal(0, 1.5, GENES) * (p != "DMSO") for p in obs["pert_id"].unique()}
    level = rng.uniform(5, 12, GENES)
    x = level + 0.3 * (np.stack([effect[p] for p in obs["pert_id"]]) + rng.normal(size=(66, GENES)))
    # Plates differ.
    x += rng.normal(size=(3, GENES))[np.repeat([0, 1, 2], 22)]
    var = pd.DataFrame({"pr_is_lm": 1}, index=[str(g) for g in range(1, GENES + 1)])
    return x.astype(np.float32), obs, var, effect


def source_of(tmp_path, x, obs, var):
    write_gctx(tmp_path / "plates.gctx", x, obs, var)
    return Source(signatures=tmp_path / "plates.gctx")


def test_expression_to_what_was_planted(tmp_path, wells):
    x, obs, var, effect = wells
    made = from_plates(
        source_of(tmp_path, x, obs, var), control=Control.of("pert_type=ctl_vehicle")
    )
    assert made.how["level"] == "3"
    assert made.obs.index[:2].tolist() == ["A_MCF7_6H:DMSO", "A_MCF7_6H:c12"]
    assert made.obs["distil_nsample"].tolist() == [36] + [3] * 10
    truth = np.stack([effect[p] for p in made.obs["pert_id"]])
    for one, planted in zip(made.x[1:], truth[1:], strict=True):
        assert np.corrcoef(one, planted)[0, 1] > 0.85
        assert np.polyfit(planted, one, 1)[0] == pytest.approx(1, abs=0.4)
    assert np.abs(made.x[0]).mean() < 0.5 < np.abs(made.x[1:]).mean()
    assert (made.obs["distil_cc_q75"][1:] > 0.3).all()
    assert made.obs["tas"][1:].between(0.1, 1).all()
    assert made.obs["distil_id"].iloc[1] == "A_MCF7_6H_X1:W12|A_MCF7_6H_X2:W12|A_MCF7_6H_X3:W12"


def test_expression_against_all_wells_is_plate_by_plate(tmp_path, wells):
    x, obs, var, _ = wells
    made = from_plates(source_of(tmp_path, x, obs, var))
    z = np.concatenate([reference_of(part).z(part) for part in np.split(x.astype(float), 3)])
    groups = pd.factorize(obs["pert_id"])[0]
    expected = modz(z, groups, np.arange(GENES))
    assert made.x == pytest.approx(expected.x, abs=1e-4)
    assert "against all wells of each of 3 plates" in " ".join(made.notes)


def test_blocks_are_no_boundaries(tmp_path, wells, monkeypatch):
    x, obs, var, _ = wells
    z = x - x.mean(0)
    source = source_of(tmp_path, z, obs, var)
    whole = from_plates(source)
    monkeypatch.setattr(plates, "BLOCK_CELLS", 7 * GENES)
    parts = from_plates(source)
    assert np.array_equal(whole.x, parts.x)
    pd.testing.assert_frame_equal(whole.obs, parts.obs)


def test_z_scores_as_they_are(tmp_path, wells):
    x, obs, var, _ = wells
    z = x - x.mean(0)
    made = from_plates(source_of(tmp_path, z, obs, var), columns=["rna_plate", "rna_well"])
    assert made.how["level"] == "4"
    assert made.x == pytest.approx(np.clip(z, -10, 10))
    assert made.obs["distil_cc_q75"].isna().all()
    assert "66 of 66 signatures have a single replicate" in made.notes


def test_written_and_read_again(tmp_path, wells):
    import svqvae

    x, obs, var, _ = wells
    made = from_plates(source_of(tmp_path, x, obs, var))
    for name in ("made.h5ad", "made.gctx", "made.tsv"):
        made.write(tmp_path / name)
        found = svqvae.read(tmp_path / name)
        assert found.obs_names.tolist() == made.obs.index.tolist()
        assert found.X == pytest.approx(np.array(made.x), abs=1e-4)
    how = svqvae.read(tmp_path / "made.h5ad").uns["svqvae"]["signatures"]
    assert how["method"] == "modz"
    assert how["source"]["signatures"].endswith("plates.gctx")
    assert list(how["notes"]) == made.notes


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ("vehicles", {"control": "pert_id=c12"}, "wells of the control, expected 4 or more"),
        ("z", {"control": "pert_id=DMSO"}, "z-scores (level 4), which have their control"),
        ("no plate", {}, "these are no z-scores"),
        ("no plate", {"level": "3"}, "a column that names the plate"),
        ("nan", {}, "NaN or infinite"),
    ],
)
def test_what_is_refused(tmp_path, wells, change, options, said):
    x, obs, var, _ = wells
    if change == "z":
        x = x - x.mean(0)
    elif change == "no plate":
        obs = obs.drop(columns="rna_plate")
    elif change == "nan":
        x[20, 3] = np.nan
    if "control" in options:
        options = {**options, "control": Control.of(options["control"])}
    with pytest.raises(SvqvaeError) as error:
        from_plates(source_of(tmp_path, x, obs, var), **options)
    assert said in str(error.value)


def test_a_real_plate(shared_data):
    path = shared_data / "l1000_plates" / "LJP005_A375_24H_level4_n377x978.gctx"
    made = from_plates(Source(signatures=path))
    assert made.x.shape == (352, 978)
    assert made.obs.loc["LJP005_A375_24H:DMSO", "distil_nsample"] == 26
    assert "LJP005_A375_24H:BRD-K56343971:3.33 um" in made.obs.index


def test_a_well_of_a_published_signature_is_nearest_to_it(shared_data):
    """One of seven replicates is at hand, so that the signature itself cannot be made again."""
    import svqvae

    folder = shared_data / "l1000_plates"
    published = svqvae.read(folder / "modz_level5_n272x978.gctx")
    made = from_plates(Source(signatures=folder / "CPC006_A375_6H_level4_n371x978.gctx"))
    target = published.to_df().loc["CPC006_A375_6H:BRD-U88459701-000-01-8:10", made.var.index]
    mine = pd.DataFrame(np.array(made.x), made.obs.index, made.var.index)
    assert mine.T.corrwith(target, method="spearman").idxmax() == "CPC006_A375_6H:BRD-U88459701:10"
