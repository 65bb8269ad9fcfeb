"""Models of a configuration: their settings, and which of them the results are about."""

import copy

import pytest
from config_cases import problems_of

from svqvae.errors import SvqvaeError
from svqvae.models import presets
from svqvae.run.config import check, reference_model, subject_model


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: {m: {preset: paper, lr: fast}}", "'lr' is 'fast', expected float"),
        ("models: {m: {preset: paper, epochs: 0}}", "'epochs' is 0, expected a number above"),
        ("models: {m: {preset: paper, epochs: yes}}", "'epochs' is True, expected int"),
        ("models: {m: {preset: paper, gamma: -1}}", "'gamma' is -1, expected 0 or more"),
        (
            "models: {m: {preset: class_mean, metric: Euclidean}}",
            "'metric' is 'Euclidean'; did you mean 'euclidean'?",
        ),
        ("models: {m: {preset: paper, net: imgae}}", "did you mean 'image'"),
        ("analysis: {reference: mean}", "no model is called 'mean'"),
        (
            "{models: {paper: {preset: paper}}, analysis: {simulation: [papr]}}",
            "analysis.simulation: no model is called 'papr'; did you mean 'paper'",
        ),
        ("models: {m: {preset: vqvae, gamma: 0.2}}", "preset 'vqvae' has no setting 'gamma'"),
        ("models: {m: {preset: vae, net: image}}", "preset 'vae' has no setting 'net'"),
        (
            "models: {m: {preset: vae, lr: .nan}}",
            "models.m.lr: found nan, expected a finite number",
        ),
        (
            "models: {m: {preset: vae, lr: .inf}}",
            "models.m.lr: found inf, expected a finite number",
        ),
        (
            "models: {m: {preset: vae, epochs: 99999999999999999999}}",
            "models.m.epochs: the number is",
        ),
        ("models: {m: [preset, vae]}", "models.m: found a list, expected a mapping"),
        ("models: [vae]", "models: found a list, expected a mapping"),
        ("analysis: {subject: n}", "analysis.subject: no model is called 'n'"),
    ],
)
def test_models_and_settings_have_their_sentence(schema, tmp_path, text, message):
    found = problems_of(text, schema, tmp_path)
    assert any(message in p for p in found), found


def test_reference_is_the_cosine_mean_else_the_first_baseline(config):
    config = copy.deepcopy(config)
    del config["analysis"]
    assert reference_model(config) == "class_mean_cosine"
    del config["models"]["class_mean_cosine"]
    assert reference_model(config) == "class_mean"
    baselines = [
        n for n, m in config["models"].items() if presets.role_of(m["preset"]) == "baseline"
    ]
    for name in baselines:
        del config["models"][name]
    assert reference_model(config) == next(iter(config["models"]))


def test_subject_is_ours_else_the_first_that_is_no_baseline(config):
    config = copy.deepcopy(config)
    assert subject_model(config) == "svqvae"
    del config["models"]["svqvae"]
    assert subject_model(config) == "paper"
    assert subject_model(config | {"analysis": {"subject": "vae"}}) == "vae"
    config["models"] = {"class_mean": {"preset": "class_mean"}}
    assert subject_model(config) == "class_mean"


def test_every_setting_of_every_preset_is_documented(repository):
    text = (repository / "config" / "README.md").read_text()
    for preset, settings in presets.known().items():
        assert f"`{preset}`" in text, preset
        for name in settings:
            assert f"`{name}`" in text, (preset, name)


def test_settings_are_those_of_the_variant_that_the_data_takes(config, schema, tmp_path):
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).touch()
    files = ("signatures", "sig_info", "test_signatures", "test_sig_info")
    images = {"kind": "idx", **dict(zip(files, "abcd", strict=True))}
    del config["analysis"]
    config["models"] = {"m": {"preset": "svqvae", "supervision": 0.2}}
    with pytest.raises(SvqvaeError, match="models.m: preset 'svqvae' has no setting 'supervision'"):
        check(config, schema, root=tmp_path)
    config["datasets"] = {"digits": {"source": images, "labels": {"key": "label"}}}
    check(config, schema, root=tmp_path)
    config["models"]["m"]["squash"] = 1.0
    with pytest.raises(SvqvaeError, match="preset 'svqvae_image' has no setting 'squash'"):
        check(config, schema, root=tmp_path)
