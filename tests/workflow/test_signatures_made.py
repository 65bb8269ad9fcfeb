"""A data set of plates of replicates, or of counts with a control, becomes signatures first."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import yaml
from small_set import TARGET

import svqvae
from svqvae.errors import SvqvaeError
from svqvae.io.gctx import write_gctx
from svqvae.run.config import check, read_schema

COMPOUNDS = [f"c{i}" for i in range(6)]
MOA = {c: "ab"[i % 2] for i, c in enumerate(COMPOUNDS)}


def config(**source):
    return {
        "datasets": {
            "mine": {
                "source": source,
                "labels": {"key": "moa"},
                "filters": {"min_perturbagens_per_class": 3},
                "split": {"folds": 3},
            }
        },
        "models": {"knn": {"preset": "knn"}},
    }


def plates(path):
    rng = np.random.default_rng(0)
    wells = pd.DataFrame({"pert_id": COMPOUNDS * 3}, index=[f"w{i}" for i in range(18)])
    wells["rna_plate"] = [f"A_MCF7_6H_X{1 + i // 6}" for i in range(18)]
    wells["moa"] = wells["pert_id"].map(MOA)
    genes = pd.DataFrame(index=[str(g) for g in range(1, 21)])
    write_gctx(path, rng.normal(size=(18, 20)).astype(np.float32), wells, genes)


def cells(path):
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"drug": np.repeat(["DMSO", *COMPOUNDS], 15)})
    obs["moa"] = obs["drug"].map(MOA).fillna("vehicle")
    obs.index = [f"cell{i}" for i in range(len(obs))]
    genes = pd.DataFrame(index=[f"g{i}" for i in range(20)])
    ad.AnnData(rng.poisson(5, (len(obs), 20)).astype(np.float32), obs, genes).write_h5ad(path)


def run(snakemake, folder, source):
    (folder / "config.yaml").write_text(yaml.safe_dump(config(**source)))
    done = snakemake(folder, folder / "config.yaml", TARGET)
    assert done.returncode == 0, done.stderr
    return svqvae.read(folder / TARGET)


def test_plates_of_replicates(snakemake, tmp_path):
    plates(tmp_path / "z.gctx")
    source = {"kind": "gctx", "signatures": "z.gctx", "replicates": "auto"}
    found = run(snakemake, tmp_path, source)
    assert found.obs["pert_id"].tolist() == COMPOUNDS
    assert found.obs["distil_nsample"].tolist() == [3] * 6
    assert found.obs["class"].astype(str).tolist() == list(MOA.values())
    # What they were made of stays with what is trained on.
    how = found.uns["svqvae"]["signatures"]
    assert how["source"]["signatures"] == "z.gctx"
    assert how["method"] == "modz"
    again = snakemake(tmp_path, tmp_path / "config.yaml", TARGET)
    assert "Nothing to be done" in again.stdout + again.stderr


def test_cells_with_a_control(snakemake, tmp_path):
    cells(tmp_path / "cells.h5ad")
    control = {"kind": "h5ad", "signatures": "cells.h5ad", "control": {"drug": "DMSO"}}
    found = run(snakemake, tmp_path, control)
    assert found.obs_names.tolist() == COMPOUNDS
    assert set(found.obs["method"]) == {"robust_z"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"replicates": "auto", "cell_type": "x"}, "replicates is of plates, cell_type of counts"),
        ({"perturbation": "drug"}, "control is missing, with which perturbation goes"),
        ({"control": {"a": "x", "b": "y"}}, "source.control: found 2 columns, expected one"),
        ({"contol": "drug=DMSO"}, "unknown key 'contol'; did you mean 'control'?"),
        ({"replicates": "auto", "level": 5}, "source.level: found 5"),
    ],
)
def test_what_does_not_go_together(repository, tmp_path, source, said):
    plates(tmp_path / "z.gctx")
    wrong = config(kind="gctx", signatures="z.gctx", **source)
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    with pytest.raises(SvqvaeError) as error:
        check(wrong, schema, root=tmp_path)
    assert said in str(error.value)


def test_images_and_simulated_sets_take_no_control(repository, tmp_path):
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    with pytest.raises(SvqvaeError, match="a simulated set takes no such key"):
        check(config(kind="simulated", control="drug=DMSO"), schema, root=tmp_path)
