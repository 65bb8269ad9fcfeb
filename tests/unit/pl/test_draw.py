"""From files of a run to figures: a row says from which, and by which function."""

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from many_classes import tables_of

from svqvae.errors import SvqvaeError
from svqvae.io.atomic import write_table
from svqvae.io.h5ad import write_anndata
from svqvae.pl.draw import Look, draw


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
    clusters = pd.DataFrame({"class": ["007", "b"], "cluster": [1, 2]})
    write_table(clusters, tmp_path / "class_clusters.tsv")
    files = {n: str(tmp_path / f"{n}.tsv") for n in ("predictions", "class_clusters")}
    draw(["confusion"], files, tmp_path, roles={})
    # Names stay as they are written.
    drawn = pd.read_csv(tmp_path / "confusion.tsv", sep="\t", dtype={"true_class": str})
    assert drawn["true_class"].tolist() == ["007", "b"]
    assert drawn["007"].tolist() == [1.0, 1.0]


def test_a_file_under_another_name_is_refused(tmp_path):
    with pytest.raises(SvqvaeError, match=r"no table of a run is called so"):
        draw(["filters"], {"filters": str(tmp_path / "mine.tsv")}, tmp_path, roles={})


OF_CLASSES = ["mechanism_correlations", "mechanism_network", "nearest_network", "class_profiles"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of a model of 18 classes, and their names."""
    folder, tables = tmp_path_factory.mktemp("model"), tables_of(18)
    names = ("class_clusters", "class_markers", "mechanism_correlations", "mechanism_network")
    for name in names:
        write_table(tables[name], folder / f"{name}.tsv")
    for name in ("classes", "signatures"):
        write_anndata(folder / f"{name}.h5ad", tables[name])
    found = {p.stem: str(p) for p in folder.iterdir()}
    return found, list(tables["class_clusters"]["class"])


def text_of(path):
    return " ".join(re.findall(r">([^<>]*)</text>", path.read_text(encoding="utf-8")))


def test_some_classes_are_drawn_alone_and_figures_say_so(files, tmp_path):
    paths, classes = files
    chosen = classes[2:6]
    look = Look(classes=tuple(reversed(chosen)))
    draw(OF_CLASSES, paths, tmp_path, roles={}, look=look)
    for name in OF_CLASSES:
        assert "4 of 18 classes" in text_of(tmp_path / f"{name}.svg")
    pairs = pd.read_csv(tmp_path / "mechanism_correlations.tsv", sep="\t")
    assert set(pairs["class_a"]) | set(pairs["class_b"]) == set(chosen)
    assert len(pairs) == 6
    profiles = pd.read_csv(tmp_path / "class_profiles.tsv", sep="\t")
    assert set(profiles["class"]) == set(chosen)
    # Nearest among all classes, not among those that are drawn.
    every = tables_of(18)["nearest_network"]
    both = every["class_a"].isin(chosen) & every["class_b"].isin(chosen)
    drawn = pd.read_csv(tmp_path / "nearest_network.tsv", sep="\t")
    assert drawn["class_a"].tolist() == every[both]["class_a"].tolist()


def test_a_class_that_is_none_is_named_with_the_nearest(files, tmp_path):
    paths, classes = files
    look = Look(classes=(classes[0], classes[1], classes[2][:-1]))
    with pytest.raises(SvqvaeError, match=r"analysis\.figures\.classes: no class .* did you mean"):
        draw(["nearest_network"], paths, tmp_path, roles={}, look=look)
    # It may be of another data set; here two are left.
    other = Look(classes=look.classes, has_others=True)
    draw(["nearest_network"], paths, tmp_path, roles={}, look=other)
    assert "2 of 18 classes" in text_of(tmp_path / "nearest_network.svg")


def test_clusters_have_the_colours_of_the_palette(files, tmp_path):
    look = Look(palette=("#123456", "#fedcba"), classes=tuple(files[1][:3]))
    draw(["nearest_network"], files[0], tmp_path, roles={}, look=look)
    assert "#123456" in (tmp_path / "nearest_network.svg").read_text()


def test_further_kinds_of_file_have_the_same_bytes_too(tmp_path):
    steps = pd.DataFrame({"step": ["read"], "signatures": [9], "dropped": [0]})
    write_table(steps, tmp_path / "filters.tsv")
    for folder in ("one", "two"):
        look = Look(kinds=("pdf", "eps", "tiff"))
        files = {"filters": str(tmp_path / "filters.tsv")}
        draw(["filters"], files, tmp_path / folder, roles={}, look=look)
    made = {p.suffix: p for p in (tmp_path / "one").iterdir()}
    assert set(made) == {".svg", ".png", ".tsv", ".pdf", ".eps", ".tiff"}
    for path in made.values():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    pdf, eps = made[".pdf"].read_bytes(), made[".eps"].read_bytes()
    # Fonts are within, as TrueType, and no date is.
    assert b"/FontFile2" in pdf
    assert b"CreationDate" not in pdf + eps
