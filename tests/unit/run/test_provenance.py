"""Digests follow the code that a stage imports, not its comments, and no more than that."""

import hashlib
import re
import shutil

import pytest

from svqvae import results
from svqvae.io import checksums, code, formats
from svqvae.models import presets
from svqvae.run import provenance
from svqvae.run.cases import drawings

#: A run with figures on every condition but that of drug targets.
CONFIG = {
    "datasets": {"planted": {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}},
    "models": {"svqvae": {"preset": "svqvae"}, "class_mean": {"preset": "class_mean"}},
    "analysis": {"simulation": ["svqvae"]},
}


@pytest.fixture(scope="module")
def checkout(repository, tmp_path_factory):
    """A copy of the package and the scripts, to be edited."""
    folder = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("svqvae", "workflow/scripts"):
        shutil.copytree(repository / part, folder / part, ignore=ignored)
    return folder


def digests(folder):
    def script(name, *modules):
        path = folder / "workflow" / "scripts" / f"{name}.py"
        return code.code_of_script(path, *modules, package=folder / "svqvae")

    models = ("svqvae", "paper", "knn", "lda", "class_mean", "vae_logistic")
    trained = {f"train {m}": script("train", presets.module_of(m)) for m in models}
    drawn = {
        job: script("draw", *(module for figure in drawing.figures for module in figure.modules))
        for job, drawing in drawings(CONFIG).items()
    }
    given = {
        "write_report": script("write_report", *results.page_modules()),
        "preprocess": script("preprocess", *formats.reader_modules()),
    }
    # What is there is never fetched again, whatever the code.
    known = {"train", "train_and_evaluate", "draw", "download", *given}
    names = {p.stem for p in (folder / "workflow/scripts").glob("[a-z]*.py")} - known
    return trained | drawn | given | {name: script(name) for name in names}


@pytest.fixture(scope="module")
def before(checkout):
    return digests(checkout)


@pytest.fixture
def edit(checkout, before):
    """Edit a file, return the stages whose digest is another, and undo it."""
    undo = {}

    def edit(path, pattern, replacement):
        file = checkout / path
        text = file.read_text()
        undo.setdefault(file, text)
        edited = re.sub(pattern, replacement, text, count=1, flags=re.M)
        assert edited != text
        file.write_text(edited)
        after = digests(checkout)
        return {stage for stage in before if after[stage] != before[stage]}

    yield edit
    for file, text in undo.items():
        file.write_text(text)


TRAINED = {"train svqvae", "train paper", "train vae_logistic"}


def test_comments_docstrings_layout_and_types_do_not_count(edit):
    for path in ("svqvae/models/base.py", "workflow/scripts/_job.py", "svqvae/io/atomic.py"):
        assert edit(path, r'\A"""', '"""Other words. ') == set()
        assert edit(path, r"\Z", "\n# why\n\n") == set()
    assert (
        edit("svqvae/models/network.py", r"^if TYPE_CHECKING:$", "if TYPE_CHECKING:\n    import x")
        == set()
    )
    assert edit("svqvae/models/nn/losses.py", r'^    """', '    """Why. ') == set()


@pytest.mark.parametrize("path", ["workflow/scripts/_job.py", "svqvae/io/atomic.py"])
def test_what_every_job_runs_reruns_every_job(edit, before, path):
    assert edit(path, r"\Z", "\nX = 1\n") == set(before)


def test_a_method_retrains_only_itself(edit):
    assert edit("svqvae/models/baselines/knn.py", r"\Z", "\nX = 1\n") == {"train knn"}


def test_a_loss_retrains_the_networks_and_what_uses_one(edit):
    assert edit("svqvae/models/nn/losses.py", r"\Z", "\nX = 1\n") == TRAINED


def test_training_is_held_by_the_trained(edit):
    assert edit("svqvae/models/training.py", r"\Z", "\nX = 1\n") == TRAINED


def test_a_drawing_reruns_the_drawings_of_its_job(edit):
    of_models = {"draw_model_described", "draw_model_described_trained"}
    assert edit("svqvae/pl/latent.py", r"\Z", "\nX = 1\n") == of_models
    # The first edit stands.
    of_datasets = {"draw_dataset_planted_simulating"}
    assert edit("svqvae/pl/comparisons.py", r"\Z", "\nX = 1\n") == of_models | of_datasets


def test_titles_and_captions_count_for_the_report_only(edit):
    assert edit("svqvae/results/figures.py", r"Confusion on", "Mistakes on") == {"write_report"}
    assert edit("svqvae/results/parts.py", r"Held-out", "Unseen") == {"write_report"}


def test_a_sentence_of_the_page_counts_for_the_report_only(edit):
    assert edit("svqvae/report/accounts.py", r"\Z", "\nX = 1\n") == {"write_report"}


def test_a_reader_counts_for_what_reads_signatures(edit):
    assert edit("svqvae/io/idx.py", r"\Z", "\nX = 1\n") == {"make_signatures", "preprocess"}


def test_a_page_counts_for_the_report_only(edit):
    assert edit("svqvae/report/page.css", r"\Z", "\n") == {"write_report"}


def test_the_file_of_a_model_retrains_it_and_what_is_built_on_it(edit):
    built_on_the_vae = {"train paper", "train vae_logistic"}
    assert edit("svqvae/models/published.py", r"units\(100\)", "units(50)") == built_on_the_vae


def test_our_own_model_is_built_on_by_no_other(edit):
    assert edit("svqvae/models/directions.py", r"share\(0\.6\)", "share(0.5)") == {"train svqvae"}


def test_the_settings_of_a_training_hold_those_of_the_network_inside():
    own = presets.resolve("vae_logistic")
    vae = presets.known()["vae"]
    assert {k: own[k] for k in vae} == vae


def test_every_import_of_the_package_is_found(repository):
    """Relative imports would not be followed."""
    for path in (repository / "svqvae").rglob("*.py"):
        assert not re.search(r"^\s*from \.", path.read_text(), re.M), path


def test_an_unknown_module_is_an_error():
    with pytest.raises(ModuleNotFoundError, match=r"svqvae\.nothing"):
        code.code_of("svqvae.nothing")


def test_file_checksum_and_versions(tmp_path):
    (tmp_path / "f").write_bytes(b"abc" * 1000)
    expected = hashlib.sha256(b"abc" * 1000).hexdigest()
    assert checksums.file_sha256(tmp_path / "f") == expected
    assert "torch" in provenance.versions()
