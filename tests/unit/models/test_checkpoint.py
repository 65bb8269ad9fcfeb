"""A checkpoint is of one training, and a damaged one costs a warning, never a training."""

import logging
import zipfile

import numpy as np
import pytest
import torch
from untrained import changed, untrained

from svqvae.data.matrix import SignatureMatrix
from svqvae.io import code
from svqvae.models import checkpoint
from svqvae.models import training as train

GENES, CLASSES = 6, 3


def make(preset="paper", **settings):
    small = {"hidden": 4, "epochs": 3, "batch_size": 8, "lr": 1e-3}
    model = changed(untrained("paper", GENES, CLASSES, **small), **settings)
    model.preset = preset
    return model


@pytest.fixture(scope="module")
def drawn():
    x = np.random.default_rng(0).standard_normal((24, GENES)).astype(np.float32)
    return SignatureMatrix(x), torch.arange(24) % CLASSES


def fit(drawn, path=None, *, x=None, seed=0, **overrides):
    model = make(**overrides)
    options = {"seed": seed, "held_out": np.arange(24) < 6, "checkpoint": path}
    history = train.fit(model, drawn[0] if x is None else x, drawn[1], **options)
    return torch.cat([p.detach().ravel() for p in model.net.parameters()]), history


@pytest.fixture
def kept(drawn, tmp_path, monkeypatch):
    """The checkpoint that a whole training left behind."""
    path = tmp_path / "state.pt"
    monkeypatch.setattr(checkpoint, "INTERVAL", 0)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "remove", lambda self: None)
        fit(drawn, path)
    return path


def restored(caplog):
    return "going on after epoch" in caplog.text


def test_the_same_training_goes_on(drawn, kept, caplog):
    with caplog.at_level(logging.INFO, "svqvae"):
        weights, history = fit(drawn, kept)
    assert restored(caplog)
    expected, whole = fit(drawn)
    assert torch.equal(weights, expected)
    assert history.equals(whole)
    assert not kept.exists()


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"lr": 2e-3}, {"gamma": 0.2}, {"preset": "other"}, {"precision": "auto"}],
    ids=str,
)
def test_another_training_starts_anew(drawn, kept, caplog, change):
    with caplog.at_level(logging.INFO, "svqvae"):
        fit(drawn, kept, **change)
    assert not restored(caplog)
    assert "of other settings, data, code or seed" in caplog.text


def test_code_that_changed_starts_anew(drawn, kept, caplog, monkeypatch):
    """Of the objective as of anything that a training imports."""
    monkeypatch.setattr(code, "code_of", lambda *modules: "another digest")
    with caplog.at_level(logging.INFO, "svqvae"):
        weights, _ = fit(drawn, kept)
    assert not restored(caplog)
    assert torch.equal(weights, fit(drawn)[0])


def test_the_identity_holds_code_device_and_precision(drawn, monkeypatch):
    asked = []
    monkeypatch.setattr(code, "code_of", lambda *m: asked.append(m) or "digest")

    def identity(**change):
        options = {"device": "cpu", "bf16": False, **change}
        of = ("svqvae.models.published", {}, 0, *drawn, np.arange(24))
        return checkpoint.fingerprint(*of, **options)

    assert identity() == identity()
    assert len({identity(), identity(device="cuda"), identity(bf16=True)}) == 3
    assert set(asked) == {("svqvae.models.published",)}


def test_one_changed_value_of_one_signature_starts_anew(drawn, kept, caplog):
    for row in (7, 23):
        x = drawn[0][np.arange(24)]
        x[row, 3] += 1e-3
        with caplog.at_level(logging.INFO, "svqvae"):
            fit(drawn, kept, x=SignatureMatrix(x))
        assert not restored(caplog)


class Code:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def rewritten(path, change):
    saved = torch.load(path, weights_only=True)
    torch.save(change(saved), path)


def flipped(path):
    """One bit of the largest tensor, which torch itself would not notice."""
    with zipfile.ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda part: part.file_size)
        at = largest.header_offset + largest.file_size // 2 + 200
    content = bytearray(path.read_bytes())
    content[at] ^= 0x40
    path.write_bytes(content)


def without(*keys):
    def change(saved):
        inner = saved
        for key in keys[:-1]:
            inner = inner[key]
        del inner[keys[-1]]
        return saved

    return lambda path: rewritten(path, change)


def with_value(value, *keys):
    def change(saved):
        inner = saved
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        return saved

    return lambda path: rewritten(path, change)


DAMAGE = {
    "truncated": lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]),
    "empty": lambda p: p.write_bytes(b""),
    "no zip": lambda p: p.write_text("not a checkpoint\n" * 100),
    "a flipped bit": flipped,
    "another zip": lambda p: zipfile.ZipFile(p, "w").writestr("a", "b"),
    "a number": lambda p: torch.save(3.0, p),
    "a list": lambda p: torch.save([1, 2], p),
    "an empty dict": lambda p: torch.save({}, p),
    "code": lambda p: torch.save({"identity": "x", "state": Code(p.with_name("ran"))}, p),
    "no identity": without("identity"),
    "no state": without("state"),
    "no state but none": with_value(None, "state"),
    "state of text": with_value("text", "state"),
    "no weights": without("state", "module"),
    "one weight less": without("state", "module", "codebook"),
    "weights of another shape": with_value(torch.zeros(2, 2), "state", "module", "codebook"),
    "best of another shape": with_value(torch.zeros(2, 2), "state", "best", "codebook"),
    "no optimiser": without("state", "optimiser"),
    "moments of one parameter less": without("state", "optimiser", "state", 0),
    "no step": without("state", "optimiser", "state", 0, "step"),
    "moments of another shape": with_value(
        torch.zeros(9), "state", "optimiser", "state", 0, "exp_avg"
    ),
    "noise of another size": with_value(torch.zeros(3, dtype=torch.uint8), "state", "noise"),
    "history of text": with_value("abc", "state", "history"),
    "no history": without("state", "history"),
    "an epoch too many": with_value([{"epoch": 2}], "state", "history"),
    "best loss of text": with_value("low", "state", "best_loss"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_costs_one_warning(drawn, kept, caplog, damage):
    DAMAGE[damage](kept)
    with caplog.at_level(logging.INFO, "svqvae"):
        weights, history = fit(drawn, kept)
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert str(kept) in warnings[0]
    assert "damaged" in warnings[0]
    assert len(warnings[0]) < 500
    assert not restored(caplog)
    # To the bits of a training that found none.
    expected, whole = fit(drawn)
    assert torch.equal(weights, expected)
    assert history.equals(whole)
    assert not kept.exists()
    assert not kept.with_name("ran").exists()


def test_a_folder_in_its_place_is_left_alone(drawn, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(checkpoint, "INTERVAL", 0)
    (tmp_path / "state.pt").mkdir()
    (tmp_path / "state.pt" / "mine").touch()
    with caplog.at_level(logging.INFO, "svqvae"):
        weights, _ = fit(drawn, tmp_path / "state.pt")
    assert [r.levelno for r in caplog.records].count(logging.WARNING) == 1
    assert torch.equal(weights, fit(drawn)[0])
    assert (tmp_path / "state.pt" / "mine").exists()


def test_where_none_can_be_written_training_goes_on(drawn, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(checkpoint, "INTERVAL", 0)
    (tmp_path / "file").touch()

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with caplog.at_level(logging.INFO, "svqvae"):
        weights, _ = fit(drawn, tmp_path / "state.pt")
    assert caplog.text.count("no checkpoint is kept") == 1
    assert torch.equal(weights, fit(drawn)[0])
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_writer_left_is_removed_and_nothing_else(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "INTERVAL", 0)
    path = tmp_path / "state[1].pt"
    (tmp_path / ".state[1].pt.99999.part").touch()
    (tmp_path / ".state1.pt.99999.part").touch()
    fit(drawn, path)
    assert [p.name for p in tmp_path.iterdir()] == [".state1.pt.99999.part"]
