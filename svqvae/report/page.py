"""Assemble the page from result files: one file, of which nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from svqvae.io.atomic import atomic_path
from svqvae.pl.palette import DEFAULT, colours_of
from svqvae.report import browser, static
from svqvae.report.block import Block
from svqvae.report.gather import Dataset, Results, cells, explained, gather, pack, titles
from svqvae.report.verdicts import cards
from svqvae.results import FILES
from svqvae.tl.evaluation.metrics import METRICS

#: Values in all tables up to which all models are held in full: three to four MB.
FULL_UP_TO = 2_500_000


def write_report(
    out: str | Path,
    *,
    results: str | Path,
    made: Iterable[str | Path],
    config: Mapping[str, Any],
    reference: str,
    subject: str,
) -> None:
    """Write the page.

    Parameters
    ----------
    results
        Folder with the results of all data sets in ``config``.
    made
        Tables and figures that there are; the page shows no others.
    config
        The checked configuration; it is part of the page.
    reference
        The model that the others are compared with.
    subject
        The model that is compared with each of the others, and held in full whatever the weight.
    """
    found = Results(Path(results), frozenset(map(Path, made)), reference, subject)
    filters = FILES["filters"]
    datasets = [
        gather(found, name, config["models"])
        for name in config["datasets"]
        if found.has(filters, dataset=name)
    ]
    figures = config.get("analysis", {}).get("figures", {})
    title = config.get("title", "Mechanisms of action from expression signatures")
    told = shared(title, found.named, figures.get("palette", DEFAULT))
    block = packed(told, datasets, thin=sum(map(cells, datasets)) > FULL_UP_TO)
    write_page(
        out,
        title=title,
        subject=subject,
        outlines=[static.outline(d, found.named) for d in datasets],
        block=block,
        methods="methods.html",
        config=yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True),
        seeds=config.get("seeds", [0]),
    )


def shared(
    title: str, named: Mapping[str, str], palette: str | Sequence[str] = DEFAULT
) -> dict[str, Any]:
    """Return what a page is told beside its data sets: what columns and metrics mean."""
    return {
        "title": title,
        **named,
        "palette": colours_of(palette),
        "columns": explained(),
        "titles": titles(named),
        "metrics": {
            name: {"title": m.title, "lower": m.lower_is_better, "drawn": m.drawn}
            for name, m in METRICS.items()
        },
    }


def write_page(
    out: str | Path,
    *,
    title: str,
    subject: str,
    outlines: Iterable[Mapping[str, Any]],
    block: str,
    methods: str,
    **given: Any,
) -> None:
    """Write what is shown without the script, the script, and the block of all tables.

    Parameters
    ----------
    outlines
        Of each data set, what stands there without the script (:func:`static.outline`).
    methods
        Template of the section on methods; ``given`` is for it.
    """
    template = static.environment().get_template("page.html")
    text = template.render(
        title=title,
        subject=subject,
        datasets=list(outlines),
        methods=methods,
        style=static.asset("page.css"),
        script=browser.script(),
        block=block,
        **given,
    )
    with atomic_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8")


def packed(told_all: Mapping[str, Any], datasets: list[Dataset], *, thin: bool) -> str:
    """Return the block of all data sets, as text."""
    block = Block()
    told = []
    for dataset in datasets:
        one = pack(dataset, block, subject=told_all["subject"], thin=thin)
        for model in one["models"]:
            tables = dataset.models[model["name"]]
            # An answer to queries has none.
            model["cards"] = (
                cards(dataset.tables, tables, model=model["name"], chance=one["chance"])
                if "filters" in dataset.tables
                else []
            )
        told.append(one)
    return block.packed({**told_all, "datasets": told})


def plain(config: Mapping[str, Any]) -> Any:
    """Return the configuration as plain lists and dictionaries, for YAML."""
    return json.loads(json.dumps(config))
