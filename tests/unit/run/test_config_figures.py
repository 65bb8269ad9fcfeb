"""How figures look by a configuration: what is wrong is said, what is missing has its default."""

import pytest
from config_cases import problems_of, small

from svqvae.pl.palette import DEFAULT
from svqvae.run.cases import all_paths
from svqvae.run.config import check
from svqvae.run.config_figures import figures_of


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format: [pfd]", "format.0: found 'pfd'; did you mean 'pdf'?"),
        ("format: pdf", "format: found 'pdf', expected a list"),
        ("format: [pdf, pdf]", "the same value twice"),
        ("palette: okabe-ito", "no palette is called 'okabe-ito'; did you mean 'okabe_ito'?"),
        ("palette: viridis", "valid: greys, okabe_ito, tol_bright, tol_muted, tol_vibrant"),
        ("palette: '#0072b2'", "found one colour, '#0072b2', expected a list of colours"),
        ("palette: ['#0072b2', blue]", "palette.1: found 'blue', expected a colour as '#0072b2'"),
        ("palette: ['#0072b2', '#0072B2']", "palette.1: the colour '#0072B2' is there twice"),
        ("palette: {a: b}", "palette: found a mapping, expected text or a list"),
        ("classes: [HDAC inhibitor]", "classes: found a list, expected entries, at least 2"),
        ("classes: [a, a]", "the same value twice"),
        ("classes: [1, 2]", "classes.0: found 1, expected text"),
        ("colours: tol_muted", "unknown key 'colours'"),
    ],
)
def test_what_is_wrong_has_its_sentence(schema, text, message):
    found = problems_of(f"analysis: {{figures: {{{text}}}}}", schema)
    assert any("analysis.figures" in p and message in p for p in found), found


def test_what_is_right_is_taken(schema):
    asked = {"format": ["svg", "pdf"], "palette": ["#0072B2", "#e69f00"], "classes": ["a", "b"]}
    config = small(analysis={"figures": asked})
    check(config, schema)
    assert figures_of(config) == {
        "palette": ["#0072B2", "#e69f00"],
        "kinds": ("pdf",),
        "classes": ("a", "b"),
    }
    assert figures_of(small()) == {"palette": DEFAULT, "kinds": (), "classes": ()}


def test_further_kinds_are_files_of_the_run():
    before = set(all_paths(small()))
    after = set(all_paths(small(analysis={"figures": {"format": ["pdf", "png"]}})))
    assert after - before == {f"{p[:-4]}.pdf" for p in before if p.endswith(".svg")}
