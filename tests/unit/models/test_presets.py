"""One file is all that a new model takes; settings that make no sense are refused."""

import textwrap

import anndata as ad
import numpy as np
import pytest

from svqvae.errors import SvqvaeError
from svqvae.models import baselines, presets, registry
from svqvae.models.registry import load_model, make_model
from svqvae.run.config import check, read_schema

FILE = """
    from dataclasses import dataclass
    from typing import ClassVar

    from svqvae.models.base import Presets
    from svqvae.models.baselines import class_mean
    from svqvae.models.settings import positive


    @dataclass(frozen=True, kw_only=True)
    class Settings(class_mean.Settings):
        epochs: int = positive(3)


    class ClassMedian(class_mean.ClassMean):
        settings_class = Settings
        presets: ClassVar[Presets] = {"class_median": {}}
        role = "model"

        def train(self, *, seed=0):
            super().train(seed=seed)
            self.codes = self.codes * 0.5
            return self
"""


@pytest.fixture
def with_new_method(tmp_path, monkeypatch):
    (tmp_path / "class_median.py").write_text(textwrap.dedent(FILE))
    monkeypatch.setattr(baselines, "__path__", [*baselines.__path__, str(tmp_path)])
    for cached in (registry.classes, presets.known):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (registry.classes, presets.known):
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


NUMBERS = [
    (preset, key)
    for preset, settings in presets.known().items()
    for key, value in settings.items()
    if isinstance(value, int | float)
]


@pytest.mark.parametrize(("preset", "key"), NUMBERS)
def test_what_makes_no_sense_is_refused(preset, key):
    no_numbers = [float("nan"), float("inf"), -float("inf"), True, "1", None, [1]]
    for value in (*no_numbers, -1, 10**400, 1e300):
        with pytest.raises(SvqvaeError, match=f"'{key}' is"):
            presets.resolve(preset, {key: value})


@pytest.mark.parametrize(
    ("preset", "settings", "message"),
    [
        ("svqvae", {"shrinkage": 1.5}, "'shrinkage' is 1.5, expected at most 1"),
        ("svqvae", {"temperature": 1e-9}, "'temperature' is 1e-09, expected 1e-06 or more"),
        ("paper", {"lr": 100}, "'lr' is 100, expected at most 10"),
        ("paper", {"epochs": 3.5}, "'epochs' is 3.5, expected int"),
    ],
)
def test_bounds_are_named(preset, settings, message):
    with pytest.raises(SvqvaeError, match=message):
        presets.resolve(preset, settings)


@pytest.mark.parametrize("preset", presets.known())
def test_the_presets_own_numbers_are_within_their_bounds(preset):
    own = presets.known()[preset]
    settings = {k: v for k, v in own.items() if k not in unread(preset)}
    assert presets.problems(preset, settings) == []


def unread(preset):
    return registry.classes()[preset].settings_class.unread(presets.known()[preset])


@pytest.mark.parametrize("preset", presets.known())
def test_every_setting_of_a_preset_is_read(preset, simulated):
    data = simulated
    if preset.endswith("_image"):
        x = np.tanh(np.random.default_rng(0).standard_normal((simulated.n_obs, 784)))
        data = ad.AnnData(x.astype(np.float32), obs=simulated.obs.copy())
    small = {"epochs": 1, "hidden": 4, "trees": 2}
    own = presets.known()[preset].keys() - unread(preset)
    model = make_model(data, preset=preset, **{k: v for k, v in small.items() if k in own})
    read = set()

    class Read(type(model.settings)):
        """Settings that say which of them were asked for."""

        def __getattribute__(self, name):
            read.add(name)
            return super().__getattribute__(name)

    model.settings = Read(**vars(model.settings))
    read.clear()
    # vae_logistic hands them on as a whole, to a network that is asked in its turn.
    model.train()
    model.scores(np.asarray(data.X))
    assert own - {"scale"} <= read  # which is read where there is no clip


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("vae", {"net": "image"}),
        ("vae_logistic", {"net": "expression"}),
        ("vqvae", {"gamma": 0.1}),
        ("vqvae_image", {"gamma": 0.1}),
        ("paper_image", {"hidden": 10}),
        ("paper_image", {"scale": 2.0}),
        ("paper", {"net": "image", "hidden": 10}),
        ("svqvae_image", {"scale": 2.0}),
        ("lda", {"C": 1.0}),
    ],
)
def test_a_setting_that_is_never_read_is_refused(preset, settings):
    with pytest.raises(SvqvaeError, match=f"'{list(settings)[-1]}'"):
        presets.resolve(preset, settings)


def test_the_nearest_setting_is_one_that_is_read():
    with pytest.raises(SvqvaeError, match="no setting 'hiden'; (did you mean 'direction'|valid)"):
        presets.resolve("paper_image", {"hiden": 3})
    with pytest.raises(SvqvaeError, match="no setting 'hiden'; did you mean 'hidden'"):
        presets.resolve("paper", {"hiden": 3})


@pytest.mark.parametrize("preset", presets.known())
def test_resolved_settings_make_the_model(preset, simulated):
    """As the workflow passes them on, those of images too."""
    data = simulated
    if preset.endswith("_image"):
        data = ad.AnnData(np.zeros((simulated.n_obs, 784), np.float32), obs=simulated.obs.copy())
        data.uns["svqvae"] = {"image_shape": np.array([28, 28])}
    model = make_model(data, **presets.resolve(preset))
    assert model.preset == preset
