"""Batches are the same wherever they lie."""

import numpy as np
import pytest
import torch

from svqvae.data.matrix import SignatureMatrix
from svqvae.models import batches
from svqvae.models.batches import Batches

ROWS = np.array([9, 2, 3, 7, 0])


@pytest.fixture
def drawn():
    x = np.arange(40, dtype=np.float32).reshape(10, 4)
    return x, SignatureMatrix(x), torch.arange(10) % 3


def test_chosen_rows_come_in_the_order_asked_for(drawn):
    values, x, label = drawn
    found = Batches(x, label, ROWS, torch.device("cpu"))
    assert len(found) == 5
    order = torch.tensor([4, 0, 3, 1, 2])
    parts = list(found(order, 2))
    assert [len(part) for part, _ in parts] == [2, 2, 1]
    at = ROWS[order.numpy()]
    np.testing.assert_array_equal(torch.cat([part for part, _ in parts]), values[at])
    assert torch.cat([classes for _, classes in parts]).tolist() == (at % 3).tolist()


def test_an_accelerator_with_room_holds_them_and_one_without_is_given_each(drawn, monkeypatch):
    _, x, label = drawn
    monkeypatch.setattr(batches, "BLOCK", 2)
    here = list(Batches(x, label, ROWS, torch.device("cpu"))(torch.arange(5), 2))
    for room in (4 * 5 * 4, 4 * 5 * 4 - 1):
        monkeypatch.setattr(
            batches, "room", lambda _, room=room: 2 * room
        )  # of which it takes half
        there = Batches(x, label, ROWS, torch.device("meta"))
        assert (there._all_there is not None) == (room == 80)
        for (one, classes), (other, known) in zip(there(torch.arange(5), 2), here, strict=True):
            assert one.device.type == classes.device.type == "meta"
            assert (one.shape, classes.shape) == (other.shape, known.shape)
