"""Pages of all sizes: how heavy, how fast (printed, never asserted), and whole all the same."""

from urllib.parse import quote

import pytest
from opening import opening_of
from pages import make_results

pytestmark = pytest.mark.browser


def test_a_usual_run_is_light_and_its_times_are_known(chromium, tmp_path):
    """49 classes, 441 signatures, 12 models; all of each model."""
    made = make_results(
        tmp_path / "results", classes=49, compounds=9, genes=978, models=12, seeds=1
    )
    file = made.write(tmp_path / "report.html")
    assert file.stat().st_size <= 5_000_000
    took = opening_of(chromium, file, name=made.classes[3])
    print(f"\n49 classes: {file.stat().st_size / 1e6:.1f} MB; {took}")
    # What is measured is what it says: in this order, and no time is missing.
    assert 0 < took.first_card < took.everything
    assert took.first_screen < took.everything


@pytest.mark.slow
def test_a_large_run_stays_light_and_opens(opened, tmp_path):
    """300 classes, 9,900 signatures, 15 models."""
    made = make_results(
        tmp_path / "results", classes=300, compounds=11, per_compound=3, genes=978, models=15
    )
    file = made.write(tmp_path / "report.html")
    assert file.stat().st_size <= 10_000_000
    one = opened(file)
    one.go()
    assert one.page.locator("[data-card]").count() == 5
    one.go("#/relations")
    one.page.wait_for_selector("svg[data-edges]")
    wanted = (made.read("mechanism_correlations", "model0")["q_value"] <= 0.05).sum()
    assert one.rows("relations") == wanted
    one.go(f"#/class/{quote(made.classes[299])}")
    assert one.rows("markers") == 50
    assert one.rows("members") == 33


@pytest.mark.slow
def test_of_many_signatures_the_map_is_thinned_and_says_so_and_tables_are_whole(opened, tmp_path):
    made = make_results(
        tmp_path / "results", classes=75, compounds=84, per_compound=4, genes=60, models=2
    )
    file = made.write(tmp_path / "report.html")
    print(f"\n25,200 signatures: {file.stat().st_size / 1e6:.1f} MB")
    one = opened(file)
    page = one.go("#/map")
    assert "3000 of 25200, drawn at random" in page.inner_text("main")
    one.go(f"#/class/{quote(made.classes[74])}")
    assert one.rows("members") == 84 * 4
    one.go("#/compound")
    assert one.rows("compounds") == 75 * 84 + 2
    last = made.read("predictions", "model0").iloc[-1]
    one.go(f"#/compound/{last['pert_id']}")
    assert one.rows("predictions") == 4 * 5
    page.fill("#search", last["pert_id"])
    assert page.locator("[data-hit]").first.inner_text() == last["pert_id"]
