"""Snakemake's own report: the page first, every figure and table with its caption and label."""

import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from small_set import simulated

from svqvae.results.row import Figure
from svqvae.run.cases import made_by

CONFIG = {
    "datasets": {
        "tiny": {
            "source": simulated(groups=2),
            "labels": {"key": "moa"},
            "filters": {"pert_type": ["trt_cp"]},
            "split": {"folds": 2},
        }
    },
    "models": {
        "svqvae": {"preset": "svqvae", "epochs": 1, "hidden": 4},
        "mean": {"preset": "class_mean"},
    },
    "analysis": {"bootstrap_draws": 100},
}
#: Tables of a row for each signature or compound: they are on the page.
LARGE = {"predictions", "held_out_scores", "compound_predictions", "nearest_compounds"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(snakemake, tmp_path_factory):
    """A run, and its report, unpacked."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    for arguments in ((), ("--report", str(folder / "report.zip"))):
        run = snakemake(folder, folder / "config.yaml", *arguments)
        assert run.returncode == 0, run.stderr[-3000:]
    with zipfile.ZipFile(folder / "report.zip") as packed:
        packed.extractall(folder)
    return folder


def told(folder: Path, name: str) -> dict:
    """Return what the report's script is told under a name."""
    text = (folder / "report" / "report.html").read_text(encoding="utf-8")
    return json.JSONDecoder().raw_decode(text, re.search(rf"\b{name} = (?={{)", text).end())[0]


def test_the_page_is_its_first_item_and_opens(folder):
    first, (items,) = next(
        (name, list(parts.values())) for name, parts in told(folder, "categories").items()
    )
    assert (first, items) == (" The page", ["results/report-config.html"])
    (packed,) = (folder / "report").rglob("report-config.html")
    assert packed.read_bytes() == (folder / "results" / "report-config.html").read_bytes()


def test_every_figure_and_table_has_a_caption_and_a_label_of_its_own(folder):
    results, names = told(folder, "results"), {"subject": "svqvae", "reference": "mean"}
    wanted = {}
    for row, path in made_by(CONFIG):
        is_table = path.endswith(".tsv") and row.title and row.name not in LARGE
        if isinstance(row, Figure) or is_table:
            wanted[path] = row
    assert set(results) == {*wanted, "results/report-config.html"}
    for path, row in wanted.items():
        found = results[path]
        assert row.title.format(**names) in found["labels"]["result"]
        plain = " ".join(re.sub(r"<[^>]+>", "", found["caption"]).split())
        assert row.caption.format(**names).split(";")[0].split("<")[0] in plain, path
    for parts in told(folder, "categories").values():
        for items in parts.values():
            labels = [results[item]["labels"]["result"] for item in items]
            assert len(set(labels)) == len(labels)


def test_what_the_jobs_took_lies_beside_the_logs(folder):
    logs = folder / "results" / "logs"
    times = pd.read_csv(logs / "run_times.tsv", sep="\t")
    done = {p.relative_to(logs).with_suffix("").as_posix() for p in logs.rglob("*.log")}
    assert set(times["job"]) == done
    assert (times[["seconds", "core_seconds", "peak_mb"]] > 0).all(axis=None)
    commands = pd.read_csv(logs / "commands.tsv", sep="\t")
    assert commands["result"].tolist() == ["done"]
    assert "--configfile" in commands["command"][0]
