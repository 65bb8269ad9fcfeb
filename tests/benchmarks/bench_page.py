"""Weight of the page, and how long it takes to write and to open, by the size of the run.

    python tests/benchmarks/bench_page.py [18 49 ...]

Pages of random numbers (tests/pages.py), opened in Debian's chromium, each three times; the best.
First card: when something is first painted. Everything: after each section and the page of a class
were opened once, in turn, in a window in which all of each is in sight.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from opening import CHROMIUM, FLAGS, opening_of  # noqa: E402
from pages import make_results  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

#: By name: what the page is of.
SIZES = {
    "18": {"classes": 18, "compounds": 6, "per_compound": 9, "models": 15},
    "49": {"classes": 49, "compounds": 12, "per_compound": 1, "models": 15},
    "75": {"classes": 75, "compounds": 12, "per_compound": 2, "models": 15},
    "300": {"classes": 300, "compounds": 11, "per_compound": 1, "models": 15},
    "10k": {"classes": 300, "compounds": 11, "per_compound": 3, "models": 15},
    "100k": {"classes": 75, "compounds": 334, "per_compound": 4, "models": 3},
}
ROUNDS = 3


def main() -> None:
    """Print one row of a table for each size."""
    print(
        "| classes | signatures | models | MB | written in s | first card | screen | everything |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        for name in sys.argv[1:] or SIZES:
            size = SIZES[name]
            with tempfile.TemporaryDirectory() as folder:
                made = make_results(Path(folder) / "results", genes=978, **size)
                begun = time.perf_counter()
                file = made.write(Path(folder) / "report.html")
                written = time.perf_counter() - begun
                runs = [opening_of(browser, file, name=made.classes[0]) for _ in range(ROUNDS)]
                best = [min(times) for times in zip(*runs, strict=True)]
                signatures = size["classes"] * size["compounds"] * size["per_compound"]
                print(
                    f"| {size['classes']} | {signatures:,} | {size['models']} | "
                    f"{file.stat().st_size / 1e6:.1f} | {written:.0f} | "
                    f"{' | '.join(f'{seconds:.1f}' for seconds in best)} |",
                    flush=True,
                )
        browser.close()


if __name__ == "__main__":
    main()
