"""The workflow makes what the rows of the results say, and nothing that no row says."""

import pytest
import yaml
from test_evaluate_knowledge import CONFIG

from svqvae.results import FIGURES, FILES
from svqvae.run.cases import made_by

#: A run that has every output: what is known, gene sets, knock-downs, simulated signatures.
EVERYTHING = {
    **CONFIG,
    "models": {**CONFIG["models"], "lda": {"preset": "lda"}},
    "analysis": {**CONFIG["analysis"], "simulation": ["svqvae"]},
}


@pytest.fixture(scope="module")
def planned(snakemake, tmp_path_factory):
    """Outputs that the workflow would make, by Snakemake's own account."""
    folder = tmp_path_factory.mktemp("everything")
    (folder / "known.tsv").write_text("class_a\tclass_b\nmechanism A1\tmechanism A2\n")
    (folder / "sets.gmt").write_text("set\t\t" + "\t".join(f"SIM{i:04d}" for i in range(6)))
    (folder / "config.yaml").write_text(yaml.safe_dump(EVERYTHING))
    run = snakemake(folder, folder / "config.yaml", "--summary")
    assert run.returncode == 0, run.stderr
    paths = {line.split("\t")[0] for line in run.stdout.splitlines()[1:]}
    # Of knock-downs only the signatures are used; what a run begins with is no result of it.
    begun = ("results/knocked/", "results/tiny/simulated/", "results/report")
    of_models = ("/folds", "/model/model.safetensors", "/model/library.h5ad")
    return {p for p in paths if not p.startswith(begun) and not any(m in p for m in of_models)}


@pytest.fixture(scope="module")
def rows():
    return list(made_by(EVERYTHING))


def test_this_run_has_every_output(rows):
    assert {row.name for row, _ in rows} == set(FIGURES) | set(FILES)
    assert len({row.template for row, _ in rows}) == len(FIGURES) + len(FILES)


def test_every_row_is_made_and_every_table_and_figure_has_a_row(planned, rows):
    of_rows = {path for _, path in rows}
    for row, path in rows:
        if row.name in FIGURES and row is FIGURES[row.name]:
            stem = path.removesuffix(".svg")
            of_rows |= {f"{stem}.png", f"{stem}.tsv"}
    assert planned == of_rows
