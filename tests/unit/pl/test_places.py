"""Room on a drawing: dots apart, names beside them."""

import numpy as np
import pytest

from svqvae.pl.places import Room, apart


def test_points_are_moved_apart_and_no_further(seed=0):
    xy = np.random.default_rng(seed).uniform(0, 100, (40, 2))
    moved = apart(xy, 8, (100, 100))
    distance = np.hypot(*(moved[:, None] - moved).transpose(2, 0, 1)) + np.eye(40) * 99
    assert distance.min() > 7.9
    assert moved.min() >= 0
    assert moved.max() <= 100
    far = np.array([[0.0, 0], [50, 50]])
    np.testing.assert_allclose(apart(far, 8, (100, 100)), far, atol=0.01)


def test_points_at_one_place_are_told_apart_the_same_way_always():
    same = np.full((5, 2), 50.0)
    np.testing.assert_array_equal(apart(same, 8, (100, 100)), apart(same, 8, (100, 100)))
    assert len(np.unique(apart(same, 8, (100, 100)).round(2), axis=0)) == 5


@pytest.fixture
def dots():
    return np.array([[50.0, 50.0], [64.0, 50.0]])


def test_a_name_stands_to_the_right_or_where_no_dot_is(dots):
    room = Room((0, 0, 200, 100), dots, 3)
    alone = room.beside(1, (20, 8))
    assert alone[0] > 64
    assert room.beside(0, (20, 8))[0] + 20 < 50


def test_names_do_not_cover_each_other_nor_leave_the_frame(dots):
    room = Room((30, 40, 90, 62), dots, 3)
    boxes = []
    while (corner := room.beside(0, (18, 6))) is not None:
        boxes.append(np.r_[corner, corner + np.array([18, 6])])
    assert boxes
    for k, a in enumerate(boxes):
        assert (a[:2] >= [30, 40]).all()
        assert (a[2:] <= [90, 62]).all()
        for b in boxes[k + 1 :]:
            assert (a[:2] >= b[2:]).any() or (b[:2] >= a[2:]).any()


def test_names_keep_off_lines_unless_they_may_lie_over_them(dots):
    every = [(0, y, 200, y) for y in range(0, 100, 2)]
    room = Room((0, 0, 200, 100), dots, 3, lines=every)
    assert room.beside(0, (20, 8)) is None
    assert room.beside(0, (20, 8), over_lines=True) is not None
    right = Room((0, 0, 200, 100), dots[:1], 3, faint=[(50, 50, 200, 50)])
    assert right.beside(0, (20, 8))[0] < 50


def test_a_place_is_taken_once(dots):
    room = Room((0, 0, 200, 100), dots, 3)
    assert room.take(np.array([100.0, 80.0]), (10, 6))
    assert not room.take(np.array([104.0, 80.0]), (10, 6))
    assert not room.take(dots[0], (4, 4))
