"""Early stopping, schedules and resuming, on data small enough to see through."""

import logging
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from untrained import changed, untrained

from svqvae.data.matrix import SignatureMatrix
from svqvae.models import checkpoint
from svqvae.models import training as train

GENES, CLASSES = 12, 3


def make(preset="paper", **settings):
    small = {"hidden": 8, "epochs": 6, "batch_size": 8, "lr": 1e-3}
    return changed(untrained(preset, GENES, CLASSES, **small), **settings)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    label = np.arange(60) % CLASSES
    x = rng.standard_normal((CLASSES, GENES))[label] + rng.standard_normal((60, GENES))
    return SignatureMatrix(x.astype(np.float32)), torch.from_numpy(label)


def weights(model):
    return torch.cat([p.detach().ravel() for p in model.net.parameters()])


def test_held_out_signatures_are_not_trained_on(drawn):
    x, label = drawn
    held_out = np.arange(60) % 5 == 0
    garbled = x[np.arange(60)]
    garbled[held_out] = 1e3
    one, other, alone = make(), make(), make(patience=99)
    history = train.fit(one, x, label, seed=1, held_out=held_out)
    # Without patience nothing is chosen by them either.
    train.fit(other, SignatureMatrix(garbled), label, seed=1)
    kept = np.flatnonzero(~held_out)
    train.fit(alone, x.subset(kept), label[kept], seed=1)
    assert not torch.equal(weights(one), weights(other))
    short = make(epochs=int(history["held_out_loss"].idxmin()) + 1)
    train.fit(short, x.subset(kept), label[kept], seed=1)
    torch.testing.assert_close(weights(one), weights(short), atol=0, rtol=0)


def test_training_stops_when_patience_ends_and_keeps_the_best(drawn):
    x, label = drawn
    # A rate this high overshoots: the held-out loss soon gets worse.
    held_out = np.arange(60) < 15
    module = make(epochs=200, lr=0.05, patience=3)
    history = train.fit(module, x, label, seed=0, held_out=held_out)
    best = int(history["held_out_loss"].idxmin())
    assert len(history) == best + 1 + 3 < 200
    again = make(epochs=best + 1, lr=0.05)
    train.fit(again, x, label, seed=0, held_out=held_out)
    torch.testing.assert_close(weights(module), weights(again), atol=0, rtol=0)


def test_watching_does_not_disturb_the_noise_of_training(drawn):
    x, label = drawn
    kept = np.arange(60) >= 15
    history = train.fit(make("vae"), x, label, seed=0, held_out=~kept)
    plain = train.fit(make("vae"), x.subset(kept), label[kept], seed=0)
    np.testing.assert_array_equal(history["loss"], plain["loss"])


def test_a_cosine_schedule_warms_up_and_ends_near_zero(drawn):
    x, label = drawn
    lr = train.fit(make(epochs=20, schedule="cosine"), x, label, seed=0)["lr"].to_numpy()
    assert lr[0] < lr[2] == pytest.approx(1e-3, rel=0.02)
    assert (np.diff(lr[2:]) < 0).all()
    assert lr[-1] < 1e-5


SCRIPT = """
    import os, signal, sys
    from pathlib import Path
    sys.path[:0] = [{tests!r}, {tests!r} + "/../.."]
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
    train.fit(t.make({preset!r}, patience=99), x, label, seed=3, held_out=np.arange(60) < 15,
              checkpoint=Path({path!r}))
"""


@pytest.mark.parametrize("preset", ["paper", "vae"])
def test_killed_and_started_again_gives_the_same_bits(drawn, preset, tmp_path, caplog, monkeypatch):
    x, label = drawn
    path, held_out = tmp_path / "deep" / "state.pt", np.arange(60) < 15
    script = SCRIPT.format(tests=str(__file__).rsplit("/", 1)[0], preset=preset, path=str(path))
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    assert child.returncode == -9, child.stderr
    assert path.is_file()
    # The thread count is part of what a training is; a fresh process has torch's default.
    whole, resumed = make(preset, patience=99), make(preset, patience=99)
    expected = train.fit(whole, x, label, seed=3, held_out=held_out)
    torch.manual_seed(12345)  # whatever noise the new process starts with
    with caplog.at_level(logging.INFO, "svqvae"):
        history = train.fit(resumed, x, label, seed=3, held_out=held_out, checkpoint=path)
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
    train.fit(make(epochs=2), x, label, seed=0, checkpoint=path)
    fresh, seed = make(epochs=2), 0
    if change == "seed":
        seed = 1
    elif change == "lr":
        fresh = make(epochs=2, lr=2e-3)
    elif change == "data":
        x = SignatureMatrix(x[np.arange(60)] + 1)
    else:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if change == "damage" else b"")
    with caplog.at_level(logging.INFO, "svqvae"):
        train.fit(fresh, x, label, seed=seed, checkpoint=path)
    assert message in caplog.text
    assert "going on" not in caplog.text


@pytest.mark.gpu
def test_a_gpu_learns_as_a_cpu_does(drawn):
    x, label = drawn
    model = make(epochs=30)
    history = train.fit(model, x, label, seed=0)
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert next(model.net.parameters()).device.type == "cpu"


def test_the_seed_decides_the_order_of_batches(drawn):
    """From the same first weights, by a network that draws no noise."""
    x, label = drawn

    def trained(seed):
        model = make()
        train.fit(model, x, label, seed=seed)
        return weights(model)

    torch.testing.assert_close(trained(1), trained(1), atol=0, rtol=0)
    assert not torch.equal(trained(1), trained(2))
