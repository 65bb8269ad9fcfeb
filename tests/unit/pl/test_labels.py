"""Names that figures show: short, and no two the same."""

import pytest
from many_classes import names_of

from svqvae.pl.labels import labels, shortened, wrapped


def test_a_name_that_fits_stays():
    assert labels(["HDAC inhibitor"], 20) == ["HDAC inhibitor"]


@pytest.mark.parametrize("limit", [20, 28, 42, 50])
def test_no_two_of_real_looking_names_look_the_same(limit):
    names = names_of(324)
    assert len({name[:limit] for name in names}) < len(names)
    shown = labels(names, limit)
    assert len(set(shown)) == len(names)
    # The last words tell most apart: few need more letters than they may have.
    assert limit < 40 or sum(len(text) > limit for text in shown) < 0.1 * len(names)


def test_the_action_is_kept():
    for action in ("agonist", "antagonist"):
        name = f"gonadotropin releasing factor hormone receptor {action}"
        assert shortened(name, 30).endswith(f" {action}")
        assert len(shortened(name, 30)) <= 30


def test_names_that_differ_in_their_middle_get_more_letters():
    names = [f"{'a' * 30}{k}{'b' * 30}" for k in range(3)]
    shown = labels(names, 24)
    assert len(set(shown)) == 3
    assert all(str(k) in text for k, text in enumerate(shown))


def test_names_that_look_the_same_whatever_is_shown_are_numbered():
    names = ["a\x00", "a\x01", "a\ufffd (1)"]
    shown = labels(names)
    assert len(set(shown)) == 3
    assert labels([names[0], names[0]])[0] == labels([names[0], names[0]])[1]


def test_dollars_are_no_mathematics():
    assert labels(["$x^2$"]) == [r"\$x^2\$"]


def test_long_labels_take_two_lines():
    assert wrapped("one two three four", 30) == "one two three four"
    assert wrapped("one two three four", 10) == "one two\nthree four"
    assert wrapped("x" * 40, 10) == "x" * 40
