"""A saved model is whole, or refused with a reason."""

import os
import re
import shutil
import stat

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import load_file
from store_cases import as_format_1, change_weights, quick, refusal

from svqvae.errors import SvqvaeError
from svqvae.models import store
from svqvae.models.registry import load_model


def test_every_file_follows_the_umask(svqvae_model, tmp_path):
    for mask, mode in ((0o022, 0o644), (0o027, 0o640), (0o002, 0o664)):
        before = os.umask(mask)
        try:
            svqvae_model.save(tmp_path / f"{mask:o}")
        finally:
            os.umask(before)
        modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / f"{mask:o}").iterdir()}
        assert modes == {mode}


def test_weights_of_another_training_are_refused(simulated, svqvae_model, tmp_path):
    svqvae_model.save(tmp_path / "one")
    quick(simulated, "svqvae", seed=1).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "model.safetensors", tmp_path / "one")
    assert "model.safetensors: missing or damaged, or of another model" in refusal(tmp_path / "one")
    shutil.copy(tmp_path / "other" / "model.json", tmp_path / "one")
    assert "history.tsv: missing or damaged, or of another model" in refusal(tmp_path / "one")
    shutil.copy(tmp_path / "other" / "history.tsv", tmp_path / "one")
    load_model(tmp_path / "one")


@pytest.mark.parametrize("damage", ["gone", "half", "empty", "bit", "folder"])
def test_damaged_weights_are_refused(svqvae_model, tmp_path, damage):
    svqvae_model.save(tmp_path)
    path = tmp_path / "model.safetensors"
    content = bytearray(path.read_bytes())
    path.unlink()
    if damage == "half":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "empty":
        path.touch()
    elif damage == "bit":
        content[-5] ^= 1
        path.write_bytes(content)
    elif damage == "folder":
        path.mkdir()
    assert "model.safetensors: missing or damaged" in refusal(tmp_path)


@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_killed_midway_leaves_old_new_or_nothing_that_loads(
    simulated, svqvae_model, tmp_path, monkeypatch, renames
):
    svqvae_model.save(tmp_path)
    new = quick(simulated, "svqvae", seed=1)
    replace, done = os.replace, []

    def killed(source, target):
        if os.path.basename(target) in (store.CARD, store.WEIGHTS, store.HISTORY):
            if len(done) == renames:
                raise KeyboardInterrupt
            done.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        if renames < 3:
            with pytest.raises(KeyboardInterrupt):
                new.save(tmp_path)
        else:
            new.save(tmp_path)
    if renames in (0, 3):
        expected = svqvae_model if renames == 0 else new
        found = load_model(tmp_path)
        np.testing.assert_array_equal(
            found.reconstruct(np.ones((1, 120), "f4")),
            expected.reconstruct(np.ones((1, 120), "f4")),
        )
        assert found.history["loss"].tolist() == pytest.approx(
            expected.history["loss"].tolist(), rel=1e-5
        )
    else:
        assert "of another model" in refusal(tmp_path)
    # The next one is whole again.
    new.save(tmp_path)
    load_model(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        (store.CARD, store.WEIGHTS, store.HISTORY)
    )


def test_an_old_model_without_digests_never_loads_with_new_weights(
    simulated, svqvae_model, tmp_path, monkeypatch
):
    svqvae_model.save(tmp_path)
    as_format_1(tmp_path)
    load_model(tmp_path)
    replace = os.replace

    def killed(source, target):
        replace(source, target)
        if os.path.basename(target) in (store.CARD, store.WEIGHTS):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            quick(simulated, "svqvae", seed=1).save(tmp_path)
    refusal(tmp_path)


def test_a_model_that_cannot_be_written_leaves_the_old_one(svqvae_model, tmp_path, monkeypatch):
    svqvae_model.save(tmp_path)

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_table", full)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises((OSError, SvqvaeError), match="No space left"):
        svqvae_model.save(tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_disk_that_is_full_of_weights_is_told_by_name(svqvae_model, tmp_path, monkeypatch):
    def full(*args, **options):
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("safetensors.numpy.save_file", full)
    told = f"{tmp_path / store.WEIGHTS}: cannot be written: No space left on device; free some"
    with pytest.raises(SvqvaeError, match=re.escape(told)):
        svqvae_model.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model.pkl", "extra.PT", "weights.joblib"])
def test_a_folder_with_a_pickle_is_refused(svqvae_model, tmp_path, name):
    svqvae_model.save(tmp_path)
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert f"holds {name}, which no saved model has" in refusal(tmp_path)


def test_a_missing_history_is_told(svqvae_model, tmp_path, caplog):
    svqvae_model.save(tmp_path)
    (tmp_path / "history.tsv").unlink()
    assert load_model(tmp_path).history.empty
    assert "history.tsv: missing" in caplog.text


def test_arrays_that_are_missing_extra_or_not_finite_are_refused(trained, tmp_path):
    trained.save(tmp_path / "whole")
    as_format_1(tmp_path / "whole")
    names = list(load_file(tmp_path / "whole" / "model.safetensors"))
    for name in names:
        folder = tmp_path / name
        shutil.copytree(tmp_path / "whole", folder)
        change_weights(folder, lambda arrays, name=name: arrays.pop(name))
        assert "model.safetensors" in refusal(folder), name
    shutil.copytree(tmp_path / "whole", tmp_path / "extra")
    change_weights(tmp_path / "extra", lambda arrays: arrays.update(more=np.ones(3)))
    assert "model.safetensors" in refusal(tmp_path / "extra")
    shutil.copytree(tmp_path / "whole", tmp_path / "nan")
    change_weights(tmp_path / "nan", lambda arrays: arrays["_latent_sd"].fill(np.nan))
    assert "NaN or infinite values in _latent_sd" in refusal(tmp_path / "nan")


def test_arrays_of_other_sizes_are_refused(trained, tmp_path):
    """Of every array one row less, which the card does not say."""
    trained.save(tmp_path / "whole")
    as_format_1(tmp_path / "whole")
    for name in load_file(tmp_path / "whole" / "model.safetensors"):
        # As many neighbours, trees or quantiles as there are: their number is in no card.
        if name in FREE or (trained.preset, name) in UNUSED:
            continue
        folder = tmp_path / name
        shutil.copytree(tmp_path / "whole", folder)
        change_weights(folder, lambda arrays, n=name: arrays.__setitem__(n, arrays[n][:-1].copy()))
        assert "model.safetensors" in refusal(folder), name


#: Arrays of a length that nothing else depends on.
FREE = {"_familiar", "root", "left", "right", "feature", "threshold", "share"}
#: And what a forest has from the classifiers' common part, and no use for.
UNUSED = {("random_forest", "length"), ("cmap", "length"), ("drsim", "length")}


@pytest.mark.parametrize("text", ["epoch\tloss\n1\t2\t3\n4\n", "\x00\x01"])
def test_a_damaged_history_is_refused(svqvae_model, tmp_path, text):
    svqvae_model.save(tmp_path)
    (tmp_path / "history.tsv").write_text(text)
    assert "history.tsv" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["file", "file/model", "n" * 300])
def test_a_folder_that_cannot_be_made(svqvae_model, tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(SvqvaeError, match="cannot be written: "):
        svqvae_model.save(tmp_path / name)
