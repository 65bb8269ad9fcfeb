"""A configuration for a file of one's own: what is found in it, and that a run takes it."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from svqvae.errors import SvqvaeError
from svqvae.pp.preprocess import prepare
from svqvae.pp.source import columns_of, make_source, paths_of
from svqvae.run import config as checks
from svqvae.run.cli import app
from svqvae.run.config_file import read_config
from svqvae.run.new import look_into
from svqvae.run.new_config import as_yaml, name_of


def written(path, *, compounds=6, columns=None, rows=2, drop=(), seed=0):
    """Write signatures of two mechanisms under names of their own, two of each compound."""
    n = 2 * compounds
    drug = np.repeat([f"drug {i}" for i in range(n)], rows)
    obs = pd.DataFrame(
        {
            "drug": drug,
            "Mechanism": np.repeat(["kinase inhibitor", "agonist"], compounds * rows),
            "cell_line": np.tile(["A375", "MCF7"], n * rows // 2),
            "plate": "P1",
        },
        index=[f"s{i}" for i in range(n * rows)],
    ).assign(**(columns or {}))
    x = np.random.default_rng(seed).normal(size=(len(obs), 30)).astype(np.float32)
    adata = ad.AnnData(x, obs=obs.drop(columns=list(drop)))
    adata.var_names = [str(1000 + i) for i in range(30)]
    adata.write_h5ad(path)
    return str(path)


def test_names_of_others_are_found(tmp_path):
    found = look_into(written(tmp_path / "mine.h5ad"))
    assert found.columns == {"pert_id": "drug", "cell_id": "cell_line"}
    assert (found.kind, found.label, found.folds) == ("h5ad", "Mechanism", 5)
    said = " ".join(found.notes)
    assert "24 signatures of 12 compounds" in said
    assert "column 'Mechanism', 2 of 2 have 5 compounds or more" in said
    assert "pert_id: column 'drug'" in said


def test_the_configuration_passes_the_checks_and_its_data_are_prepared(repository, tmp_path):
    path = written(tmp_path / "mine.h5ad")
    out = tmp_path / "my screen.yaml"
    result = CliRunner().invoke(app, ["new", path, "--config", str(out)])
    assert result.exit_code == 0, result.output
    assert f"make run CONFIG={out}" in result.output
    config = read_config(out)
    schema = checks.read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    checks.check(config, schema, root=tmp_path)
    assert config["results"] == "results/my-screen"
    assert len(out.read_text().splitlines()) <= 14
    dataset = config["datasets"]["mine"]
    made = prepare(
        make_source("h5ad", paths_of(dataset["source"]), columns=columns_of(dataset["source"])),
        **{key: dataset[key] for key in ("labels", "filters", "split", "clip")},
    )
    assert made.obs["class"].value_counts().to_dict() == {"kinase inhibitor": 12, "agonist": 12}
    assert made.obs.groupby("pert_id", observed=True)["fold"].nunique().max() == 1
    again = CliRunner().invoke(app, ["new", path, "--config", str(out)])
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_a_class_is_found_by_what_it_does_where_no_name_is_usual(tmp_path):
    kinds = {"kind of thing": np.repeat(["x", "y", "z"], 8), "dose": np.tile([1.0, 10.0], 12)}
    path = written(tmp_path / "m.h5ad", columns=kinds, drop=["Mechanism"])
    found = look_into(path)
    assert found.label == "kind of thing"
    both = look_into(written(tmp_path / "n.h5ad", columns=kinds))
    assert both.label == "Mechanism"
    assert "--label could also be kind of thing" in both.notes[1]
    assert look_into(path, label="plate").label == "plate"
    with pytest.raises(SvqvaeError, match=r"no column 'plat'; did you mean 'plate'"):
        look_into(path, label="plat")


@pytest.mark.parametrize(
    ("compounds", "folds", "said"), [(4, 4, "4 compounds"), (2, 2, "2 compounds")]
)
def test_small_classes_have_fewer_folds(tmp_path, compounds, folds, said):
    found = look_into(written(tmp_path / "m.h5ad", compounds=compounds))
    assert found.folds == folds
    assert said in found.notes[1]


def test_controls_are_left_out_and_cells_are_told(tmp_path):
    drug = np.repeat(["DMSO_1", *(f"drug {i}" for i in range(11))], 50)
    path = written(tmp_path / "m.h5ad", rows=50, columns={"drug": drug})
    found = look_into(path)
    assert found.controls == ["DMSO_1"]
    assert "exclude_perturbagens: [DMSO_1]" in as_yaml(found, "m")
    assert "25 rows of one compound in one condition: cells, or wells?" in " ".join(found.notes)


def test_what_cannot_be_trained_on_is_refused(tmp_path):
    with pytest.raises(SvqvaeError, match=r"no column says which compound .* found Mechanism"):
        look_into(written(tmp_path / "a.h5ad", drop=["drug"]))
    with pytest.raises(SvqvaeError, match=r"no column gives compounds a class"):
        look_into(written(tmp_path / "b.h5ad", drop=["Mechanism"]))
    adata = ad.read_h5ad(written(tmp_path / "c.h5ad"))
    adata.X = np.random.default_rng(0).poisson(3, adata.shape).astype(np.float32)
    adata.write_h5ad(tmp_path / "c.h5ad")
    with pytest.raises(SvqvaeError, match=r"c.h5ad: .*counts"):
        look_into(str(tmp_path / "c.h5ad"))


def test_the_name_of_a_data_set_is_one_that_results_can_have(tmp_path):
    assert name_of(tmp_path / "2nd.yaml") == "set-2nd"
    assert name_of(tmp_path / "ä.yaml") == "own"
