"""One file in svqvae/baselines is all that a new method takes."""

import textwrap

import pytest

from svqvae import baselines, presets
from svqvae.config import check, read_schema
from svqvae.factory import load_model, make_model

FILE = """
    from svqvae.baselines.class_mean import ClassMean

    KIND = "median"
    ROLE = "model"
    PRESETS = {"class_median": {"kind": KIND, "metric": "euclidean", "epochs": 3}}


    class ClassMedian(ClassMean):
        def train(self, *, seed=0):
            super().train(seed=seed)
            self.codes = self.codes * 0.5
            return self


    MODEL = ClassMedian
"""


@pytest.fixture
def with_new_method(tmp_path, monkeypatch):
    (tmp_path / "class_median.py").write_text(textwrap.dedent(FILE))
    monkeypatch.setattr(baselines, "__path__", [*baselines.__path__, str(tmp_path)])
    for cached in (baselines.discover, presets.known):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (baselines.discover, presets.known):
        cached.cache_clear()


def test_a_new_file_is_found_configured_trained_and_loaded(
    with_new_method, simulated, repository, tmp_path
):
    assert presets.role_of("class_median") == "model"
    assert presets.is_trained("class_median")
    schema = read_schema(repository / "workflow" / "schemas" / "config.schema.yaml")
    source = {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}
    config = {"datasets": {"d": source}, "models": {"new": {"preset": "class_median"}}}
    check(config, schema)
    model = make_model(simulated, preset="class_median").train()
    model.save(tmp_path / "m")
    assert type(load_model(tmp_path / "m")).__name__ == "ClassMedian"


def test_roles_of_the_presets():
    roles = {name: presets.role_of(name) for name in presets.known()}
    assert roles["paper"] == roles["vqvae"] == roles["vae"] == "model"
    assert roles["class_mean"] == roles["class_mean_cosine"] == "baseline"
    assert not presets.is_trained("class_mean")
