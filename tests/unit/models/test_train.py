"""Early stopping, schedules and resuming, on data small enough to see through."""

import logging
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

from svqvae.data.matrix import SignatureMatrix
from svqvae.models import checkpoint, presets
from svqvae.models import training as train
from svqvae.models.nn.modules import MODULES

GENES, CLASSES = 12, 3


def make(kind="svqvae", **overrides):
    preset = {"svqvae": "paper"}.get(kind, kind)
    settings = presets.resolve(preset, {"hidden": 8, "epochs": 6, "batch_size": 8, "lr": 1e-3})
    settings |= overrides
    torch.manual_seed(0)
    return MODULES[kind](GENES, CLASSES, settings), settings


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    label = np.arange(60) % CLASSES
    x = rng.standard_normal((CLASSES, GENES))[label] + rng.standard_normal((60, GENES))
    return SignatureMatrix(x.astype(np.float32)), torch.from_numpy(label)


def weights(module):
    return torch.cat([p.detach().ravel() for p in module.parameters()])


def test_held_out_signatures_are_not_trained_on(drawn):
    x, label = drawn
    held_out = np.arange(60) % 5 == 0
    garbled = x[np.arange(60)]
    garbled[held_out] = 1e3
    one, settings = make()
    train.fit(one, x, label, settings=settings, seed=1, held_out=held_out)
    other, _ = make()
    # Without patience nothing is chosen by them either.
    train.fit(other, SignatureMatrix(garbled), label, settings=settings, seed=1)
    alone, _ = make()
    kept = np.flatnonzero(~held_out)
    train.fit(alone, x.subset(kept), label[kept], settings=settings | {"patience": 99}, seed=1)
    assert not torch.equal(weights(one), weights(other))
    best = (
        int(
            train.fit(make()[0], x, label, settings=settings, seed=1, held_out=held_out)[
                "held_out_loss"
            ].idxmin()
        )
        + 1
    )
    short, shorter = make(epochs=best)
    train.fit(short, x.subset(kept), label[kept], settings=shorter, seed=1)
    torch.testing.assert_close(weights(one), weights(short), atol=0, rtol=0)


def test_training_stops_when_patience_ends_and_keeps_the_best(drawn):
    x, label = drawn
    # A rate this high overshoots: the held-out loss soon gets worse.
    module, settings = make(epochs=200, lr=0.05, patience=3)
    history = train.fit(module, x, label, settings=settings, seed=0, held_out=np.arange(60) < 15)
    best = int(history["held_out_loss"].idxmin())
    assert len(history) == best + 1 + 3 < 200
    again, _ = make(epochs=best + 1, lr=0.05)
    train.fit(
        again,
        x,
        label,
        settings=settings | {"epochs": best + 1},
        seed=0,
        held_out=np.arange(60) < 15,
    )
    torch.testing.assert_close(weights(module), weights(again), atol=0, rtol=0)


def test_watching_does_not_disturb_the_noise_of_training(drawn):
    x, label = drawn
    kept = np.arange(60) >= 15
    one, settings = make("vae")
    history = train.fit(one, x, label, settings=settings, seed=0, held_out=~kept)
    other, _ = make("vae")
    plain = train.fit(other, x.subset(kept), label[kept], settings=settings, seed=0)
    np.testing.assert_array_equal(history["loss"], plain["loss"])


def test_a_cosine_schedule_warms_up_and_ends_near_zero(drawn):
    x, label = drawn
    module, settings = make(epochs=20, schedule="cosine")
    lr = train.fit(module, x, label, settings=settings, seed=0)["lr"].to_numpy()
    assert lr[0] < lr[2] == pytest.approx(1e-3, rel=0.02)
    assert (np.diff(lr[2:]) < 0).all()
    assert lr[-1] < 1e-5


SCRIPT = """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    import numpy as np, torch
    from svqvae.models import checkpoint, training as train
    import test_train as t
    from svqvae.data.matrix import SignatureMatrix

    checkpoint.INTERVAL = 0
    save = checkpoint.Checkpoint.save
    def save_and_die(self, state):
        save(self, state)
        if len(state.history) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
    checkpoint.Checkpoint.save = save_and_die
    x, label = t.drawn.__wrapped__() if hasattr(t.drawn, "__wrapped__") else t.drawn()
    module, settings = t.make({kind!r}, patience=99)
    train.fit(module, x, label, settings=settings, seed=3, held_out=np.arange(60) < 15,
              checkpoint=Path({path!r}))
"""


@pytest.mark.parametrize("kind", ["svqvae", "vae"])
def test_killed_and_started_again_gives_the_same_bits(drawn, kind, tmp_path, caplog, monkeypatch):
    x, label = drawn
    path, held_out = tmp_path / "deep" / "state.pt", np.arange(60) < 15
    script = SCRIPT.format(tests=str(__file__).rsplit("/", 1)[0], kind=kind, path=str(path))
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    assert child.returncode == -9, child.stderr
    assert path.is_file()
    # The thread count is part of what a training is; a fresh process has torch's default.
    whole, settings = make(kind, patience=99)
    expected = train.fit(whole, x, label, settings=settings, seed=3, held_out=held_out)
    resumed, _ = make(kind, patience=99)
    torch.manual_seed(12345)  # whatever noise the new process starts with
    with caplog.at_level(logging.INFO, "svqvae"):
        history = train.fit(
            resumed, x, label, settings=settings, seed=3, held_out=held_out, checkpoint=path
        )
    assert "going on after epoch 4 of 6" in caplog.text
    torch.testing.assert_close(weights(resumed), weights(whole), atol=0, rtol=0)
    assert history.equals(expected)
    assert not path.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seed", "of other settings"),
        ("lr", "of other settings"),
        ("data", "of other settings"),
        ("damage", "damaged"),
        ("empty", "damaged"),
    ],
)
def test_a_checkpoint_of_another_training_is_not_used(
    drawn, change, message, tmp_path, caplog, monkeypatch
):
    x, label = drawn
    path = tmp_path / "state.pt"
    monkeypatch.setattr(checkpoint, "INTERVAL", 0)
    monkeypatch.setattr(checkpoint.Checkpoint, "remove", lambda self: None)
    module, settings = make()
    train.fit(module, x, label, settings=settings | {"epochs": 2}, seed=0, checkpoint=path)
    settings = settings | {"epochs": 2}
    seed = 0
    if change == "seed":
        seed = 1
    elif change == "lr":
        settings["lr"] = 2e-3
    elif change == "data":
        x = SignatureMatrix(x[np.arange(60)] + 1)
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if change == "damage" else b"")
    fresh, _ = make()
    with caplog.at_level(logging.INFO, "svqvae"):
        train.fit(fresh, x, label, settings=settings, seed=seed, checkpoint=path)
    assert message in caplog.text
    assert "going on" not in caplog.text


@pytest.mark.gpu
def test_a_gpu_learns_as_a_cpu_does(drawn):
    x, label = drawn
    module, settings = make(epochs=30)
    history = train.fit(module, x, label, settings=settings, seed=0)
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert next(module.parameters()).device.type == "cpu"


def test_the_seed_decides_the_order_of_batches(drawn):
    """From the same first weights, by a network that draws no noise."""
    x, label = drawn

    def trained(seed):
        module, settings = make()
        train.fit(module, x, label, settings=settings, seed=seed)
        return weights(module)

    torch.testing.assert_close(trained(1), trained(1), atol=0, rtol=0)
    assert not torch.equal(trained(1), trained(2))
