"""The answer to queries as one page: the views of a query, and of the classes that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.own import open_h5ad
from svqvae.io.tables import require_columns
from svqvae.models.store import read_card
from svqvae.report.gather import OBS, Dataset, Results
from svqvae.report.page import packed, shared, write_page
from svqvae.report.static import plain
from svqvae.results import FILES

if TYPE_CHECKING:
    from anndata import AnnData

#: Sections of the page, by their titles.
VIEWS = {
    "query": "Your signatures",
    "class": "Classes",
    "compound": "Compounds",
    "gene": "Genes",
    "input": "Methods",
}
#: What the answer has of each query and class, at least.
COLUMNS = ["query", "rank", "predicted_class", "score", "probability"]
#: Tables of a run that the page of a class is made of, and by which columns a row is its own.
_OF_CLASS = {
    "mechanism_correlations": ["class_a", "class_b"],
    "class_markers": [keys.CLASS],
    "class_enrichment": [keys.CLASS],
    "class_clusters": [keys.CLASS],
    "class_hubs": [keys.CLASS],
    "held_out_scores": [keys.CLASS],
    "predictions": ["true_class"],
}


def write_answer(
    out: str | Path,
    *,
    folder: str | Path,
    predictions: pd.DataFrame,
    compounds: pd.DataFrame | None = None,
    genes: pd.DataFrame | None = None,
    classes: AnnData | None = None,
    notes: Mapping[str, str] | None = None,
    title: str = "Classes of your signatures",
) -> None:
    """Write the page of what a saved model says of some signatures.

    Of a model that lies in the results of a run, the page has what the run says of the classes
    that are named: markers, relations, members with their held-out ranks, profile, gene sets.

    Parameters
    ----------
    folder
        The saved model.
    predictions
        ``query``, ``rank``, ``predicted_class``, ``score``, ``probability``, a row for each query
        and class; ``novelty``, ``genes_used`` and ``genes_of_model``, if they are known.
    compounds
        Nearest compounds: ``query``, ``rank``, and what there is of ``pert_id``, ``pert_iname``,
        ``class``, ``similarity``, ``percentile``.
    genes
        What speaks for and against the first class: ``query``, ``class``, ``gene``, ``symbol``,
        ``value``, ``contribution``.
    classes
        ``model.classes()``, whose profiles are drawn where no run lies beside the model.
    notes
        What is to be said of a query, by its name.

    Raises
    ------
    SvqvaeError
        If a column is missing, or a class is none of the model's.
    """
    folder, card = Path(folder).absolute(), read_card(folder)
    require_columns(predictions, COLUMNS, "the answer")
    predictions = predictions.assign(query=predictions["query"].astype(str))
    named = set(predictions["predicted_class"].astype(str))
    if foreign := sorted(named - set(card["classes"])):
        raise SvqvaeError(f"{folder}: the model has no class '{foreign[0]}'")
    run = Results(_results(folder), frozenset(_beside(folder)), folder.parent.name, "")
    of_dataset, of_model, profiles = _of_run(run, folder, card, named)
    tables = {"queries": _queries(predictions, notes or {}), "answers": predictions, **of_dataset}
    if compounds is not None:
        tables["query_compounds"] = compounds.assign(query=compounds["query"].astype(str))
    if genes is not None and len(genes):
        tables["query_genes"] = _named(genes)
    model, preset = folder.parent.name, str(card["settings"].get("preset", "unknown"))
    held = profiles if profiles is not None else classes
    dataset = Dataset(
        name=folder.parents[1].name,
        tables=tables,
        sentences={},
        models={model: of_model},
        model_sentences={model: {}},
        profiles={} if held is None else {model: held[[c in named for c in held.obs_names]]},
        roles={model: "model"},
        presets={model: preset},
        card=card,
        image_shape=None,
        figures={"": [], model: []},
    )
    told = shared(title, {"subject": model, "reference": model}) | {"views": VIEWS}
    write_page(
        out,
        title=title,
        subject=model,
        outlines=[_outline(dataset, model, from_run=bool(of_model))],
        block=packed(told, [dataset], thin=False),
        methods="answer.html",
    )


def _queries(predictions: pd.DataFrame, notes: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per query: its first class, and what there is to say of the query itself."""
    wanted = ["query", "predicted_class", "probability", "novelty", "genes_used", "genes_of_model"]
    first = predictions.sort_values("rank", kind="stable").drop_duplicates("query")
    first = first.sort_index()[[c for c in wanted if c in first]].reset_index(drop=True)
    return first.assign(note=[notes.get(query, "") for query in first["query"]])


def _named(genes: pd.DataFrame) -> pd.DataFrame:
    """Return genes as the page's other tables have them: symbols as ``gene``, ids beside."""
    named = genes.assign(query=genes["query"].astype(str))
    return named.rename(columns={"gene": "gene_id", "symbol": "gene"})[
        ["query", "class", "gene", "gene_id", "value", "contribution"]
    ]


def _results(folder: Path) -> Path:
    """Return where the results lie of which a model is a part: of one that is, three above."""
    return folder.parents[min(2, len(folder.parents) - 1)]


def _beside(folder: Path) -> Iterator[Path]:
    """Yield the results that lie where those of the model's run would."""
    names = {"dataset": folder.parents[1].name, "model": folder.parent.name}
    for row in FILES.values():
        path = row.path(_results(folder), **names)
        if path.is_file():
            yield path


def _of_run(
    run: Results, folder: Path, card: Mapping[str, Any], named: set[str]
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], AnnData | None]:
    """Return what a run says of some classes: tables of the data set, of the model, profiles.

    Nothing, where the classes are not those of the model: then the tables are of another one.
    """
    names = {"dataset": folder.parents[1].name, "model": folder.parent.name}
    if not run.has(FILES["classes"], **names):
        return {}, {}, None
    profiles = open_h5ad(FILES["classes"].path(run.folder, **names))
    if sorted(profiles.obs_names) != sorted(card["classes"]):
        return {}, {}, None
    of_model = {}
    for name, columns in _OF_CLASS.items():
        if (table := run.table(name, **names)) is not None:
            of_model[name] = table[table[columns].isin(named).any(axis=1)]
    of_dataset = {}
    if run.has(FILES["signatures"], **names):
        adata = open_h5ad(FILES["signatures"].path(run.folder, **names), backed=True)
        obs = adata.obs[adata.obs[keys.CLASS].isin(named)].copy()
        adata.file.close()
        if keys.SIG_ID not in obs:
            obs[keys.SIG_ID] = obs.index
        of_dataset["signatures"] = obs[[c for c in OBS if c in obs]].reset_index(drop=True)
    if (known := run.table("known_pairs", **names)) is not None:
        of_dataset["known_pairs"] = known
    return of_dataset, of_model, profiles


def _outline(dataset: Dataset, model: str, *, from_run: bool) -> dict[str, Any]:
    """Return what stands on the page without its script."""
    tables = [plain("Classes", dataset.tables["answers"])]
    if "query_genes" in dataset.tables:
        title = "Genes that speak for (above 0) and against the first class"
        tables.append(plain(title, dataset.tables["query_genes"]))
    if "query_compounds" in dataset.tables:
        tables.append(plain("Nearest compounds", dataset.tables["query_compounds"]))
    source = dataset.card["provenance"].get("source", {})
    return {
        "name": dataset.name,
        "cards": [],
        "tables": tables,
        "sentences": [],
        "provenance": {"versions": {}, "git_revision": "unknown"} | dataset.card["provenance"],
        "preset": dataset.presets[model],
        "source": source.get("signatures") or "its data set",
        "n_genes": len(dataset.card["genes"]),
        "n_classes": len(dataset.card["classes"]),
        "from_run": from_run,
    }
