"""From files of a run to figures: a row says from which, and by which function."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import write_table
from svqvae.pl.draw import draw


def realism(value):
    rows = [
        (c, q, value, 0.4, 0.6)
        for q in ("auc", "nearest_class", "nearest_class_real")
        for c in ("all", "7")
    ]
    return pd.DataFrame(rows, columns=["class", "quantity", "value", "ci_low", "ci_high"])


def test_tables_of_several_models_are_drawn_as_one(tmp_path):
    files = []
    for model, value in (("ours", 0.5), ("gaussian", 0.6)):
        (tmp_path / model).mkdir()
        files.append(str(tmp_path / model / "realism.tsv"))
        write_table(realism(value), files[-1])
    roles = {"ours": "model", "gaussian": "baseline"}
    draw(["realism"], {"realism": files}, tmp_path, roles=roles)
    drawn = pd.read_csv(tmp_path / "realism.tsv", sep="\t")
    assert list(drawn.columns[:2]) == ["model", "role"]
    assert drawn.groupby("model", sort=False)["value"].first().to_dict() == {
        "ours": 0.5,
        "gaussian": 0.6,
    }
    assert {p.name for p in tmp_path.glob("realism.*")} == {
        *("realism.svg", "realism.png", "realism.tsv"),
    }
    assert not plt.get_fignums()


def test_what_is_drawn_may_be_made_of_a_table(tmp_path):
    rows = [("s1", "p1", "007", "0", 1, "007"), ("s2", "p2", "b", "0", 1, "007")]
    columns = ["sig_id", "pert_id", "true_class", "fold", "rank", "predicted_class"]
    write_table(pd.DataFrame(rows, columns=columns), tmp_path / "predictions.tsv")
    files = {"predictions": str(tmp_path / "predictions.tsv")}
    draw(["confusion"], files, tmp_path, roles={})
    # Names stay as they are written.
    drawn = pd.read_csv(tmp_path / "confusion.tsv", sep="\t", dtype={"true_class": str})
    assert drawn["true_class"].tolist() == ["007", "b"]
    assert drawn["007"].tolist() == [1.0, 1.0]


def test_a_file_under_another_name_is_refused(tmp_path):
    with pytest.raises(SvqvaeError, match=r"no table of a run is called so"):
        draw(["filters"], {"filters": str(tmp_path / "mine.tsv")}, tmp_path, roles={})
