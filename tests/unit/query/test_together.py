"""Answers for groups of signatures, and which predictions are to be believed."""

import json

import numpy as np
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models.registry import make_model
from svqvae.query.belief import HeldOut
from svqvae.query.believed import believed, held_out_of, told_of
from svqvae.query.library import write_library
from svqvae.query.solved import load_to_ask
from svqvae.query.write import as_json, as_text
from svqvae.results import FILES


@pytest.fixture(scope="module")
def model(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "set" / "ours" / "model"
    trained = make_model(simulated, preset="svqvae", epochs=1).train()
    trained.save(folder)
    write_library(trained, simulated, folder)
    return load_to_ask(folder)


def test_a_group_is_answered_as_it_is_predicted(model, simulated):
    part = simulated[:8]
    answer = model.query(part, by="pert_id", top=3)
    table = model.predict(part, by="pert_id", top=3)
    names = ["n_signatures", "rank", "predicted_class", "score", "probability"]
    assert answer.classes["query"].tolist() == table["pert_id"].tolist()
    pd.testing.assert_frame_equal(answer.classes[names], table[names], rtol=1e-4, atol=1e-5)
    assert (answer.classes["genes_used"] == 120).all()
    assert answer.classes["novelty"].isna().all()
    first = part.obs["pert_id"].iloc[0]
    assert answer.notes[first][0] == f"4 signatures of pert_id {first} together"
    # Nearest to the mean of its signatures is the compound itself: it was trained on.
    near = answer.compounds[answer.compounds["rank"] == 1]
    assert near["query"].tolist() == near["pert_id"].tolist()


def test_files_and_text(model, simulated, tmp_path):
    from svqvae.io.convert import write

    write(simulated[:8], tmp_path / "q.h5ad")
    answer = model.query(tmp_path / "q.h5ad", by="cell_id", top=2)
    assert answer.classes["query"].unique().tolist() == ["A375", "HA1E"]
    (one, _) = json.loads(as_json(answer))["queries"]
    assert one["n_signatures"] == 4
    assert one["classes"][0]["novelty"] is None
    assert "4 signatures of cell_id A375 together" in as_text(answer)


def test_what_has_no_groups_is_refused(model, simulated):
    with pytest.raises(SvqvaeError, match="did you mean 'pert_id'"):
        model.query(simulated[:4], by="pertid")
    with pytest.raises(SvqvaeError, match="expected signatures .* found lists"):
        model.query(up=list(simulated.var_names[:30]), by="pert_id")
    with pytest.raises(SvqvaeError, match="found table"):
        model.query(pd.Series(simulated.X[0], index=simulated.var_names), by="pert_id")


def write_run(folder, names, *, several):
    """Write what a run says of held-out signatures and compounds beside a model."""
    sure = np.linspace(0.02, 0.98, 200)
    table = pd.DataFrame(
        {"sig_id": np.arange(200), "pert_id": "p", "class": names[0], "fold": 0, "seed": 0}
        | {"true_rank": np.where(sure > 0.6, 1, 2), "confidence": sure, "novelty": 0.1}
    )
    path = FILES["held_out_scores"].path(folder, dataset="set", model="ours")
    path.parent.mkdir(parents=True)
    table.to_csv(path, sep="\t", index=False)
    whole = pd.DataFrame(
        {"pert_id": np.arange(200), "true_class": names[0], "fold": 0, "seed": 0}
        | {"n_signatures": 3, "rank": 1, "score": 0.0, "probability": sure}
        | {"predicted_class": np.where(sure > 0.2, names[0], names[1])}
    )
    whole = whole if several else whole.iloc[:0]
    whole.to_csv(path.with_name("compound_predictions.tsv"), sep="\t", index=False)
    return path.parent / "model"


def test_held_out_ones_are_of_what_is_predicted(model, tmp_path):
    folder = write_run(tmp_path / "a", model.class_names, several=True)
    signatures = held_out_of(folder, model.class_names, by=None)
    compounds = held_out_of(folder, model.class_names, by="pert_id")
    assert signatures.accuracy(0.4) == 0
    assert compounds.accuracy(0.4) == 1
    # Cell lines were not held out, and of one signature each compounds say nothing.
    assert held_out_of(folder, model.class_names, by="cell_id") is None
    single = write_run(tmp_path / "b", model.class_names, several=False)
    assert held_out_of(single, model.class_names, by="pert_id") is None
    assert held_out_of(folder, ["another"], by="pert_id") is None
    assert held_out_of("/", model.class_names, by="pert_id") is None


def test_what_is_sure_enough_is_believed():
    held_out = HeldOut(probability=np.linspace(0, 1, 500), right=np.repeat([False, True], 250))
    table = pd.DataFrame(
        {"sig_id": ["a", "a", "b", "b"], "rank": [1, 2, 1, 2], "probability": [0.9, 0.1, 0.2, 0.1]}
    )
    found = believed(table, held_out, by="sig_id")
    # By the first class, the same in all rows of a signature.
    assert found["held_out_accuracy"].tolist() == [1, 1, 0, 0]
    assert found["believed"].tolist() == ["yes", "yes", "no", "no"]
    assert told_of(found, by="sig_id", what="signatures").startswith("1 of 2 signatures")
    assert "of held-out signatures this sure" in held_out.sentence(0.9)


@pytest.mark.parametrize(
    ("auroc", "low", "said"), [(0.54, 0.48, "do not use it"), (0.6, 0.55, "hardly helps")]
)
def test_novelty_that_does_not_help_is_no_advice(auroc, low, said, simulated, tmp_path):
    folder = write_run(tmp_path, ["a", "b"], several=True)
    trained = make_model(simulated, preset="svqvae", epochs=1).train()
    trained.save(folder)
    table = pd.DataFrame({"class": ["all"], "n_signatures": 9, "auroc": auroc, "ci_low": low})
    path = tmp_path / "set" / "novelty.tsv"
    table.assign(ci_high=0.7).to_csv(path, sep="\t", index=False)
    model = load_to_ask(folder)
    name = simulated.obs_names[0]
    assert said in model.query(simulated[:1]).notes[name][-1]
    # Where it does, or where no run lies beside, nothing is said.
    table.assign(auroc=0.8, ci_low=0.7, ci_high=0.9).to_csv(path, sep="\t", index=False)
    assert not any("novelty" in note for note in model.query(simulated[:1]).notes[name])
    path.unlink()
    assert not any("novelty" in note for note in model.query(simulated[:1]).notes[name])
