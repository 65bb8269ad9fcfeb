"""A cluster has the colour and shape of the printed figures, also by a palette of one's own."""

import pytest
from pages import make_results

from svqvae.pl.palette import colour_of, shape_of, use
from svqvae.report.page import write_report

pytestmark = pytest.mark.browser

#: As many colours as shapes: from the sixth cluster on shapes have to go on by one.
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"]


def test_colours_and_shapes_are_those_of_print(opened, tmp_path):
    made = make_results(tmp_path / "results", classes=8, models=1)
    config = {"datasets": {made.dataset: {}}, "models": made.models}
    config["analysis"] = {"figures": {"palette": COLOURS}}
    (model,) = made.models
    file = tmp_path / "page.html"
    paths = {"results": made.folder, "made": made.paths}
    write_report(file, **paths, config=config, reference=model, subject=model)
    page = opened(file).go("#/map")
    page.wait_for_selector(".legend path")
    drawn = page.locator(".legend path").evaluate_all(
        "nodes => nodes.map(n => [n.getAttribute('fill'), n.getAttribute('d')])"
    )
    with use(COLOURS):
        numbers = range(1, len(drawn) + 1)
        assert [fill for fill, _ in drawn] == [colour_of(k) for k in numbers]
        # Outlines are the same where shapes are.
        shape = {}
        for number, (_, outline) in enumerate(drawn, start=1):
            assert shape.setdefault(outline, shape_of(number)) == shape_of(number)
        assert len(shape) == 5
    page = opened(file).go("#/relations")
    page.wait_for_selector("svg[data-edges] .node")
    nodes = page.locator("svg[data-edges] .node")
    fills = nodes.evaluate_all("nodes => nodes.map(n => n.getAttribute('fill'))")
    assert set(fills) == set(COLOURS)
