"""What a change starts again: jobs are counted for twenty kinds of it."""

import copy
import os
import re
import shutil

import pytest
import yaml
from test_workflow import TINY, jobs

pytestmark = pytest.mark.slow

CONFIG = {
    **TINY,
    "models": {k: TINY["models"][k] for k in ("svqvae", "paper", "lda")},
    # Files of one more kind are outputs too: Snakemake misses them where they are not made.
    "analysis": {**TINY.get("analysis", {}), "figures": {"format": ["eps"]}},
}
DATASET = "results/tiny"
#: What is made of the table of scores, and the page.
SUMMARY = {"benchmark_models": 1, "draw_dataset": 1, "draw_dataset_planted": 1, "write_report": 1}
#: And of what one model says of classes.
DESCRIBED = {"describe_classes": 1, "draw_model_described_trained": 1, "evaluate_relations": 1}

#: What draws: the figures of the data set, and of each model.
DRAWN = {"draw_dataset_planted": 1, "draw_model_described_trained": 2}


class Change:
    """One change of a finished run, and what it starts."""

    def __init__(self, expected, *, config=None, file=None, options=(), never=()):
        self.expected, self.options, self.never = expected, options, never
        self.config, self.file = config, file


def settings(*path, value):
    def change(config):
        node = config
        for key in path[:-1]:
            node = node.setdefault(key, {})
        node[path[-1]] = value

    return change


def without(*path):
    def change(config):
        node = config
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]

    return change


def another_dataset(config):
    other = copy.deepcopy(config["datasets"]["tiny"])
    other["source"]["simulation"]["groups"] = 3
    config["datasets"]["other"] = other


def reordered(config):
    config["models"] = dict(reversed(config["models"].items()))


def edit(path, old, new):
    """A change of a file of the checkout."""

    def change(folder):
        file = folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    return path, change


def touched(path):
    return path, lambda folder: os.utime(folder / path)


def deleted(path):
    return path, lambda folder: (folder / path).unlink()


ALL_TRAINED = {"train_long_networks": 1, "train_networks": 1, "train_classifiers": 1}
CHANGES = {
    "nothing": Change({}),
    "title": Change({"write_report": 1}, config=settings("title", value="Another")),
    "count of markers": Change(
        {"describe_classes": 2, "write_report": 1},
        config=settings("analysis", "markers", value=7),
        never=("train", "benchmark", "preprocess"),
    ),
    "palette of figures": Change(
        {**DRAWN, "write_report": 1},
        config=settings("analysis", "figures", value={"palette": "tol_muted"}),
    ),
    "one more kind of figure file": Change(
        {**DRAWN, "write_report": 1},
        config=settings("analysis", "figures", value={"format": ["eps", "pdf"]}),
    ),
    "bootstrap draws": Change(
        {"benchmark_models": 1, "write_report": 1},
        config=settings("analysis", "bootstrap_draws", value=200),
        never=("train", "describe", "preprocess"),
    ),
    "epochs of one model": Change(
        {"describe_classes": 1, "benchmark_models": 1},
        config=settings("models", "paper", "epochs", value=2),
        never=("preprocess", "train_classifiers"),
    ),
    "one more model": Change(
        {"train_classifiers": 1, "benchmark_models": 1, "write_report": 1},
        config=settings("models", "knn", value={"preset": "knn"}),
        never=("preprocess", "describe", "train_long", "train_networks"),
    ),
    "one model less": Change(
        {"benchmark_models": 1, "write_report": 1},
        config=without("models", "lda"),
        never=("preprocess", "train", "describe"),
    ),
    "one more data set": Change(
        {"preprocess": 1, "simulate_dataset": 1, "train_classifiers": 1, "write_report": 1},
        config=another_dataset,
    ),
    "one more seed": Change(
        {"train_classifiers": 1, "describe_classes": 2},
        config=settings("seeds", value=[0, 1]),
        never=("preprocess",),
    ),
    "other folds": Change(
        {"preprocess": 1, "train_classifiers": 1},
        config=settings("datasets", "tiny", "split", "folds", value=3),
    ),
    # Models stand in the order of the configuration.
    "order of models": Change(
        {"benchmark_models": 1, "write_report": 1},
        config=reordered,
        never=("train", "describe", "preprocess"),
    ),
    "device": Change(
        {"describe_classes": 2}, config=settings("device", value="cpu"), never=("preprocess",)
    ),
    "memory and cores": Change(
        {}, options=("--default-resources", "mem_mb=9000", "--set-resources", "preprocess:mem_mb=1")
    ),
    "comment in a model": Change(
        {}, file=edit("svqvae/models/svqvae.py", "from __", "# x\nfrom __")
    ),
    "comment in a rule": Change(
        {}, file=edit("workflow/rules/train.smk", "# The", "# A word. The")
    ),
    "comment in a script": Change(
        {}, file=edit("workflow/scripts/preprocess.py", '"""', '# A word.\n"""')
    ),
    "a script": Change(
        {"preprocess": 1, "train_classifiers": 1},
        file=edit("workflow/scripts/preprocess.py", "from _job", "X = 1\nfrom _job"),
    ),
    "one baseline": Change(
        {"train_classifiers": 1, "benchmark_models": 1},
        file=edit("svqvae/models/baselines/lda.py", "from typing", "X = 1\nfrom typing"),
        never=("preprocess", "describe", "train_long", "train_networks"),
    ),
    "a drawing": Change(
        {"write_report": 1},
        file=edit("svqvae/pl/latent.py", "import numpy as np", "import numpy as np\n\nX = 1"),
        never=("train", "describe", "preprocess", "benchmark"),
    ),
    "style of the page": Change(
        {"write_report": 1}, file=edit("svqvae/report/page.css", "{", "{ /* x */")
    ),
    "a figure that was deleted": Change(
        {"write_report": 1},
        file=deleted(f"{DATASET}/figures/benchmark.svg"),
        never=("train", "describe", "preprocess", "benchmark"),
    ),
    "a model that was deleted": Change(
        {"train_classifiers": 1},
        file=deleted(f"{DATASET}/lda/model/model.safetensors"),
        never=("preprocess", "describe"),
    ),
    # Snakemake looks at the content of small files.
    "signatures that were touched": Change(
        {},
        file=touched(f"{DATASET}/signatures.h5ad"),
    ),
    "another language and hash seed": Change({}),
}
#: Changes that start only what they name.
EXACT = {
    *("nothing", "title", "signatures that were touched", "memory and cores", "style of the page"),
    *("comment in a model", "comment in a rule", "comment in a script"),
    *("palette of figures", "one more kind of figure file"),
    "another language and hash seed",
}


@pytest.fixture(scope="module")
def finished(repository, snakemake, tmp_path_factory):
    """A finished run in a checkout of its own."""
    folder = tmp_path_factory.mktemp("reruns")
    for part in ("workflow", "svqvae"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repository / part, folder / part, ignore=ignored)
    run = plan(snakemake, folder, CONFIG)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder


def plan(snakemake, folder, config, *options):
    (folder / "c.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    own = ("--snakefile", str(folder / "workflow" / "Snakefile"))
    return snakemake(folder, folder / "c.yaml", *own, *options)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_starts_what_it_needs_and_no_more(name, finished, snakemake, monkeypatch):
    change = CHANGES[name]
    config = copy.deepcopy(CONFIG)
    if change.config:
        change.config(config)
    if name == "another language and hash seed":
        monkeypatch.setenv("PYTHONHASHSEED", "7")
        monkeypatch.setenv("LC_ALL", "C")
        monkeypatch.setenv("TZ", "Asia/Tokyo")
    if change.file:
        path, apply = change.file
        content, found = (finished / path).read_bytes(), (finished / path).stat()
        apply(finished)
    try:
        run = plan(snakemake, finished, config, "--dry-run", *change.options)
    finally:
        if change.file:
            (finished / path).write_bytes(content)
            os.utime(finished / path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert run.returncode == 0, run.stderr[-3000:]
    counts = {k: n for k, n in jobs(run.stdout + run.stderr).items() if k != "all"}
    wanted = change.expected if name in EXACT else counts | change.expected
    assert counts == wanted
    for start in change.never:
        assert not [job for job in counts if re.match(start, job)], counts


def test_there_are_twenty_kinds():
    assert len(CHANGES) >= 20
