"""Which outputs a configuration asks for."""

import pytest

from svqvae.results import DATASET, FIGURES, FILES
from svqvae.run.cases import all_paths, case_of, drawings, models_with, page_paths, studied


@pytest.fixture
def config():
    simulated = {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}
    return {
        "datasets": {
            "planted": simulated,
            "images": {"source": {"kind": "idx"}, "labels": {"key": "label"}},
            "own": {"source": {"kind": "gctx"}, "labels": {"key": "moa", "targets": "target"}},
            "hairpins": {"source": {"kind": "gctx"}, "labels": {"key": "gene"}},
        },
        "models": {
            "ours": {"preset": "svqvae"},
            "means": {"preset": "class_mean"},
            "lda": {"preset": "lda"},
        },
        "analysis": {
            "simulation": ["ours"],
            "drug_targets": {"compounds": "own", "knockdowns": "hairpins"},
        },
    }


def test_a_case_says_what_the_configuration_says(config):
    planted, images, own = (case_of(config, name) for name in ("planted", "images", "own"))
    assert planted.is_simulated and planted.knows_relations and not planted.is_image
    assert images.is_image and not images.knows_relations
    assert own.has_knockdowns and own.knows_relations and not own.is_simulated
    assert all(case.has_codes and case.is_trained and case.is_simulator for case in (planted, own))
    lda = case_of(config, "planted", "lda")
    assert not (lda.has_codes or lda.is_trained or lda.is_simulator)
    means = case_of(config, "planted", "means")
    assert means.has_codes and not means.is_trained


def test_novelty_is_asked_of_the_model_in_question(config):
    assert case_of(config, "own").evaluates_novelty
    config["analysis"]["subject"] = "means"
    assert not case_of(config, "own").evaluates_novelty
    config["analysis"] = {"novelty": False}
    assert not case_of(config, "own").evaluates_novelty


def test_of_knock_downs_that_are_only_compared_with_there_are_no_results(config):
    assert studied(config) == ["planted", "images", "own"]
    assert not any(path.startswith("results/hairpins/") for path in all_paths(config))


def test_models_have_the_outputs_that_they_can_have(config):
    assert models_with(config, "own", FILES["predictions"]) == ["ours", "means", "lda"]
    assert models_with(config, "own", FILES["classes"]) == ["ours", "means"]
    assert models_with(config, "own", FILES["realism"]) == ["ours"]
    paths = all_paths({**config, "results": "elsewhere/"})
    assert len(set(paths)) == len(paths)
    assert "elsewhere/own/figures/drug_targets.svg" in paths
    assert "elsewhere/planted/figures/drug_targets.svg" not in paths
    assert "elsewhere/images/ours/figures/training.svg" in paths
    assert "elsewhere/images/means/figures/training.svg" not in paths
    assert "elsewhere/own/lda/classes.h5ad" not in paths


def test_the_page_needs_what_it_shows(config):
    shown, made = set(page_paths(config)), set(all_paths(config))
    drawn = {path for path in shown if "/figures/" in path and path.endswith(".tsv")}
    assert shown - drawn < made
    # A figure's table lies beside it, made by the same job: the page draws from it.
    assert {f"{path.removesuffix('.tsv')}.svg" for path in drawn} <= shown
    assert "results/own/ours/figures/latent_map.tsv" in drawn
    assert "results/own/labels.tsv" in shown
    assert "results/own/ours/held_out_scores.tsv" in shown
    assert "results/own/ours/history.tsv" not in shown
    assert "results/own/ours/fold_classes.h5ad" in made - shown


def test_every_figure_is_drawn_once_and_with_all_others_of_its_folder(config):
    drawn = []
    for drawing in drawings(config).values():
        for figure in drawing.figures:
            of_dataset = figure.folder == DATASET
            assert of_dataset == (not drawing.models)
            for dataset in drawing.datasets:
                for model in drawing.models or [None]:
                    drawn.append(str(figure.path("results", dataset=dataset, model=model)))
    assert len(set(drawn)) == len(drawn)
    assert set(drawn) == {p for p in all_paths(config) if p.endswith(".svg")}


def test_what_has_the_same_figures_is_drawn_by_one_job(config):
    found = drawings(config)
    of_models = {name: d for name, d in found.items() if d.models}
    assert set(of_models) == {"draw_model_described_trained", "draw_model_described"}
    assert of_models["draw_model_described"].models == ("means",)
    assert of_models["draw_model_described"].datasets == ("planted", "images", "own")
    of_planted = next(d for d in found.values() if d.datasets == ("planted",))
    assert FIGURES["recovery"] in of_planted.figures
