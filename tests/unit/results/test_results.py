"""The rows of the results: each output once, every function that they name there and callable."""

import inspect
import re
import subprocess
import sys
from importlib import import_module

import pytest

from svqvae import results
from svqvae.errors import SvqvaeError
from svqvae.results import DATASET, FIGURES, FILES, MODEL, Call, Case, figures, tables

ROWS = [*FIGURES.values(), *FILES.values()]
#: What a call may be given, beside files: models that the caller names.
NAMED = {"subject", "reference"}


def function(call):
    module, _, name = call.function.partition(":")
    return getattr(import_module(module), name)


def takes(call, *, first):
    """Return whether a function takes so many arguments, and no more of need."""
    inspect.signature(function(call)).bind(*first, *call.given)
    return True


def test_no_two_rows_have_one_name_or_one_file():
    assert len(FIGURES) == len(figures.ROWS)
    assert len(FILES) == len(tables.ROWS)
    paths = [row.template for row in ROWS]
    paths += [path for figure in FIGURES.values() for path in figure.beside]
    assert len(set(paths)) == len(paths)


def test_a_table_with_a_title_has_a_caption_for_the_report_of_snakemake():
    # A row a signature is too much for it.
    large = {"predictions", "held_out_scores", "nearest_compounds", "compound_predictions"}
    shown = [r for r in tables.ROWS if r.title and r.suffix == ".tsv" and r.name not in large]
    assert [row.name for row in shown if not row.caption.endswith(".")] == []
    assert [name for name in large if FILES[name].caption] == []


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_figure_is_drawn_by_a_function_that_is_there(figure):
    assert set(figure.needs) <= set(FILES)
    assert takes(figure.draw, first=["table"])
    if isinstance(figure.table, Call):
        assert takes(figure.table, first=[])
    assert figure.title
    assert figure.caption.endswith(".")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{type(row).__name__}-{row.name}")
def test_what_the_page_calls_is_there(row):
    for call in (row.says,):
        if call is not None:
            assert set(call.given) <= NAMED
            assert takes(call, first=["table"])
    if row.folder == DATASET and row.title:
        assert row.heading in results.PARTS
    for text in (row.title, row.caption, row.heading):
        assert set(re.findall(r"{(\w*)}", text)) <= NAMED


def test_a_figure_of_a_model_is_drawn_from_files_that_the_model_has():
    cases = [Case(has_codes=codes, is_trained=trained) for codes in (0, 1) for trained in (0, 1)]
    for case in cases:
        there = {row.name for folder in (DATASET, MODEL) for row in results.outputs(case, folder)}
        for figure in results.outputs(case, MODEL):
            if isinstance(figure, results.Figure):
                assert set(figure.needs) <= there


def names(case, folder):
    return {row.name for row in results.outputs(case, folder)}


def test_which_outputs_there_are_follows_from_the_run():
    plain = names(Case(), DATASET)
    assert {"benchmark", "filters", "labels", "reliability"} <= plain
    assert not {"recovery", "known_relations", "novelty", "drug_targets", "realism"} & plain
    assert names(Case(is_simulated=True, has_codes=True), DATASET) == plain | {"recovery"}
    known = Case(knows_relations=True, has_codes=True)
    assert names(known, DATASET) == plain | {"known_relations", "known_pairs"}
    # Classifiers have no relations to hold against what is known.
    assert names(Case(knows_relations=True, is_simulated=True), DATASET) == plain
    assert names(Case(evaluates_novelty=True), DATASET) == plain | {"novelty"}
    assert names(Case(evaluates_novelty=True, is_image=True), DATASET) == plain
    classifier = names(Case(is_trained=True), MODEL)
    assert {"model", "history", "predictions", "held_out_scores"} <= classifier
    assert not {"classes", "confusion", "realism", "training"} & classifier
    assert names(Case(is_simulator=True), MODEL) == classifier | {"realism"}
    described = names(Case(has_codes=True), MODEL)
    assert {"classes", "class_markers", "confusion", "mechanism_graph"} <= described
    assert names(Case(has_codes=True, is_trained=True), MODEL) == described | {
        *("training", "nearest_compounds")
    }
    genes = Case(has_codes=True, has_gene_sets=True)
    assert names(genes, MODEL) == described | {"class_enrichment"}
    pixels = Case(has_codes=True, has_gene_sets=True, is_image=True)
    assert names(pixels, MODEL) == described


def test_a_table_is_known_by_its_name_and_a_figure_s_by_its_folder():
    assert results.row_of("results/a/b/realism.tsv") is FILES["realism"]
    assert results.row_of("results/a/figures/realism.tsv") is FIGURES["realism"]
    assert results.row_of("benchmark.tsv") is FILES["benchmark"]
    with pytest.raises(SvqvaeError, match=r"did you mean 'benchmark\.tsv'\?"):
        results.row_of("results/a/benchmarks.tsv")


def test_the_model_of_a_file_is_its_folder():
    assert results.model_of("my results/a/svqvae/held_out_scores.tsv") == "svqvae"
    assert results.model_of("a/knn/model/history.tsv") == "knn"


def test_paths_are_those_of_the_contract():
    wildcards = {"dataset": "a", "model": "m"}
    assert str(FILES["signatures"].path("results", **wildcards)) == "results/a/signatures.h5ad"
    assert str(FILES["classes"].path("results", **wildcards)) == "results/a/m/classes.h5ad"
    assert str(FIGURES["confusion"].path("r", **wildcards)) == "r/a/m/figures/confusion.svg"
    graph = FILES["mechanism_graph"].path("r", **wildcards)
    assert str(graph) == "r/a/m/mechanism_network.graphml"


def test_rows_are_read_without_anything_heavy():
    heavy = {"numpy", "pandas", "matplotlib", "anndata", "torch"}
    code = f"import sys, svqvae.results; sys.exit(len({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
