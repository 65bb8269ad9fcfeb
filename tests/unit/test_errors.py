"""Messages: near names where there are any, and no longer than a screen."""

import pytest

from svqvae.errors import SvqvaeError, did_you_mean, require_extra, shortened

SCREEN = 80 * 24


@pytest.mark.parametrize(
    ("name", "valid", "hint"),
    [
        ("sedes", ["seeds", "models"], "; did you mean 'seeds'?"),
        ("9126", ["9125", "9127", "TP53"], "; valid: 9125, 9127, TP53"),
        (9126, ["9125"], "; valid: 9125"),
        ("9126.0", ["9125.0"], "; valid: 9125.0"),
        ("G9126", ["9126"], "; valid: 9126"),
        ("x", [], "; valid: "),
    ],
)
def test_near_names(name, valid, hint):
    assert did_you_mean(name, valid) == hint


def test_hints_are_short():
    assert len(did_you_mean("zzz", [f"{'name' * 100}{i}" for i in range(50)])) <= 300
    assert len(did_you_mean("zzz", ["z" * 5000])) < 400
    text = did_you_mean(
        "zzz", [f"a rather long name of a class, number {i:02d}" for i in range(50)]
    )
    assert len(text) <= 300
    assert text.endswith(" ...")
    assert "number 00" in text


def test_messages_fit_a_screen():
    assert len(str(SvqvaeError("file.tsv: " + "x" * 50_000 + " at the end"))) <= 1000
    many = SvqvaeError(f"file.tsv: problem {i} {'x' * 30}" for i in range(1000))
    assert len(str(many)) < SCREEN
    assert str(many).startswith("1000 problems:\n  - file.tsv: problem 0")
    assert str(many).endswith("and 980 more")
    assert len(many.problems) == 1000


def test_both_ends_of_a_long_text_are_kept():
    text = shortened("begin" + "x" * 1000 + "end", 100)
    assert len(text) == 100
    assert text.startswith("begin")
    assert text.endswith("end")
    assert shortened("short", 100) == "short"


def test_a_missing_extra_is_named_with_all_that_lacks():
    require_extra("analysis", "json", "ast")
    with pytest.raises(SvqvaeError) as caught:
        require_extra("plots", "json", "nothing_a", "nothing_b")
    assert str(caught.value) == "this needs nothing_a and nothing_b: pip install 'svqvae[plots]'"
