"""The card of a saved model: of every format, damaged, edited or no card at all."""

import pytest
from store_cases import as_format_1, change_card, quick, refusal

from svqvae.io.checksums import sha256_now
from svqvae.models.registry import load_model


def test_cards_of_before_digests_load(trained, simulated, tmp_path):
    trained.save(tmp_path)
    as_format_1(tmp_path)
    assert load_model(tmp_path).predict(simulated).equals(trained.predict(simulated))


@pytest.mark.parametrize(
    ("preset", "retired"),
    [("vae", {"net": "expression"}), ("vqvae", {"gamma": 0.1}), ("vae_logistic", {"net": "image"})],
)
def test_settings_that_were_never_read_do_not_keep_old_models_from_loading(
    simulated, tmp_path, preset, retired
):
    model = quick(simulated, preset)
    model.save(tmp_path)
    as_format_1(tmp_path)
    change_card(tmp_path, lambda card: card["settings"].update(retired))
    assert load_model(tmp_path).settings == model.settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("genes"), "no 'genes'"),
        (lambda c: c.pop("classes"), "no 'classes'"),
        (lambda c: c.pop("settings"), "no 'settings'"),
        (lambda c: c.update(settings=[1]), "'settings' is a list"),
        (lambda c: c.update(settings={}), "name no preset"),
        (lambda c: c["settings"].update(preset="svqva"), "unknown preset 'svqva'; did you mean"),
        (lambda c: c["settings"].pop("temperature"), "settings lack temperature"),
        (lambda c: c["settings"].update(temperature=float("nan")), "'temperature' is nan"),
        (lambda c: c["settings"].update(temprature=1.0), "did you mean 'temperature'"),
        (lambda c: c["genes"].pop(), "119 genes"),
        (lambda c: c["genes"].append("another"), "121 genes"),
        (lambda c: c["genes"].__setitem__(0, c["genes"][1]), "'genes' has none, or one twice"),
        (lambda c: c["genes"].__setitem__(0, 7), "'genes' are not all text"),
        (lambda c: c["classes"].pop(), "7 classes"),
        (lambda c: c["classes"].append("another"), "9 classes"),
        (lambda c: c.update(classes=["one"]), "fewer than two"),
        (lambda c: c.update(clip="ten"), "'clip' is a str"),
        (lambda c: c.update(clip=float("inf")), "'clip' is inf"),
        (lambda c: c.update(clip=True), "'clip' is True"),
        (lambda c: c.update(format=5), "a newer svqvae may read it"),
        (lambda c: c.update(format="2"), "a newer svqvae may read it"),
        (lambda c: c.pop("sha256"), "no digest of model.safetensors"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(svqvae_model, tmp_path, change, message):
    svqvae_model.save(tmp_path)
    change_card(tmp_path, change)
    text = refusal(tmp_path)
    assert message in text
    assert "model.json" in text


@pytest.mark.parametrize("text", ["[]", "null", '"model"', "7", "", "{", "[" * 200_000, "\ufeff{}"])
def test_what_is_no_card_is_named(tmp_path, text):
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    assert "not a model card" in refusal(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda card: card["classes"].reverse(),
        lambda card: card["genes"].reverse(),
        lambda card: card["settings"].update(temperature=0.5),
        lambda card: card["provenance"].update(fold="9"),
        lambda card: card.update(clip=9.0),
    ],
)
def test_an_edited_card_is_refused(svqvae_model, tmp_path, change):
    svqvae_model.save(tmp_path)
    change_card(tmp_path, change, edited=True)
    assert "model.json: damaged or edited" in refusal(tmp_path)


def test_a_card_without_its_digest_is_refused(svqvae_model, tmp_path):
    svqvae_model.save(tmp_path)
    change_card(tmp_path, lambda card: card["sha256"].pop("model.json"), edited=True)
    assert "no digest of model.json" in refusal(tmp_path)


@pytest.mark.parametrize("form", [1, 2, 3])
def test_a_model_of_before_the_digest_of_cards_loads_and_says_so(
    svqvae_model, tmp_path, caplog, form
):
    svqvae_model.save(tmp_path)
    as_format_1(tmp_path)
    if form > 1:
        digests = {"model.safetensors": sha256_now(tmp_path / "model.safetensors")}
        change_card(tmp_path, lambda c: c.update(format=form, sha256=digests), edited=True)
    with caplog.at_level("INFO", logger="svqvae"):
        load_model(tmp_path)
    assert "of an older svqvae, without a digest: it cannot be verified" in caplog.text


def test_a_card_in_another_encoding_is_named(tmp_path):
    (tmp_path / "model.json").write_bytes('{"é": 1}'.encode("latin-1"))
    assert "not a model card" in refusal(tmp_path)
