"""Random mistakes in the shipped configurations: each passes or is refused in sentences.

python tests/fuzz/fuzz_config.py --n 10000 --seed 0

A configuration is changed in one to six places (values of other types, keys deleted, doubled or
misspelt, names and numbers that nobody expects, mappings put into each other) and checked as the
Snakefile does. A failure is any exception but SvqvaeError, a message longer than a screen, or a
check that takes longer than two seconds. Ends with the number of failures.
"""

from __future__ import annotations

import argparse
import copy
import datetime
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from svqvae.errors import SvqvaeError  # noqa: E402
from svqvae.run import config, config_file, config_names, downloads  # noqa: E402

#: Characters of a message that fits a screen.
SCREEN = 4000
#: Seconds of the processor that no check takes.
SLOW = 2.0

TEXTS = [
    *(
        "",
        " ",
        "007",
        "1",
        "all",
        "logs",
        "figures",
        "nan",
        "NA",
        "null",
        "-rf",
        "..",
        ".",
        "~",
        "~/x",
    ),
    *(
        "benchmark.tsv",
        "report.html",
        "classes.h5ad",
        "a/b",
        "a\\b",
        "{x}",
        "sig_{A375}.gctx",
        "a b",
    ),
    *("O'Brien", "R&D", "$HOME", "#x", "%s", "%(x)s", "ü", "\u202e", "\x00", "\n", "\t", "a\rb"),
    *(
        "http://",
        "https://[",
        "https://h:x/y",
        "s3://",
        "file://x",
        "://",
        "http://x/{y}",
        "/",
        "//",
    ),
    *(
        "x" * 300,
        "y" * 50_000,
        "landmark",
        "pert_id",
        "svqvae",
        "simulated",
        "gctx",
        "[",
        "*a",
        "!",
    ),
]
NUMBERS: list[Any] = [
    *(0, 1, -1, 2, 5.0, 0.5, -0.0, 1e308, -1e308, 1e-320, 10**30, -(10**30), 10**5000, 2**63),
    *(float("nan"), float("inf"), float("-inf"), True, False),
]
OTHERS: list[Any] = [
    *(None, [], {}, [[]], {"": ""}, [None], {None: None}, [float("nan")], {"a": {"b": {"c": []}}}),
    *(datetime.date(2024, 1, 1), b"bytes", (1, 2), {1, 2}, {True: "pert_id"}, {1: 2}, {(1, 2): 3}),
    *(["a", "a"], list(range(3000)), {str(i): i for i in range(3000)}),
]


def junk(rng: random.Random) -> Any:
    kind = rng.random()
    if kind < 0.45:
        return copy.deepcopy(rng.choice(TEXTS))
    if kind < 0.7:
        return rng.choice(NUMBERS)
    if kind < 0.95:
        return copy.deepcopy(rng.choice(OTHERS))
    deep: Any = "x"
    for _ in range(rng.choice([3, 30, 300])):
        deep = {"k": deep} if rng.random() < 0.5 else [deep]
    return deep


def places(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += places(value, (*at, key))
    elif isinstance(node, list) and len(node) < 50:
        for i, value in enumerate(node):
            found += places(value, (*at, i))
    return found


def misspelt(rng: random.Random, key: Any) -> Any:
    text = str(key)
    at = rng.randrange(len(text) + 1)
    change = rng.choice([text[:at] + text[at + 1 :], text[:at] + "x" + text[at:], text.upper()])
    return rng.choice([change, *TEXTS, 7, 1.5, True, None, float("nan"), (1, 2)])


def mutate(rng: random.Random, root: dict[Any, Any]) -> None:
    options = places(root)
    if not options:
        return
    *path, last = rng.choice([p for p in options if len(p) < 12] or options)
    parent: Any = root
    for key in path:
        parent = parent[key]
    action = rng.random()
    if action < 0.55:
        parent[last] = junk(rng)
    elif action < 0.7:
        del parent[last]
    elif isinstance(parent, dict) and action < 0.9:
        new = misspelt(rng, last)
        parent[new] = parent[last] if rng.random() < 0.5 else parent.pop(last)
    elif isinstance(parent, list):
        parent.insert(0, junk(rng))
    else:
        other = root
        for key in rng.choice(options)[:-1]:
            other = other[key]
        if isinstance(other, dict):
            other[rng.choice([last, "preset", "source", "labels", "kind"])] = copy.deepcopy(
                parent[last]
            )


def as_snakefile(found: dict[Any, Any], schema: dict[str, Any], root: Path) -> None:
    """Check as workflow/rules/common.smk does, and use what it uses of a valid one."""
    config.restore_on(found)
    config.check(found, schema, root=root)
    config.reference_model(found)
    config.subject_model(found)
    downloads.plan(found)


def shipped_with_files(folder: Path) -> list[dict[str, Any]]:
    """Return the shipped configurations; their files are made, so that what is right passes."""
    shipped = [config_file.read_config(p) for p in sorted((REPOSITORY / "config").glob("*.yaml"))]
    for one in shipped:
        for _, section, key in config_names.paths(one):
            if "/" in section[key] and "://" not in section[key]:
                (folder / section[key]).parent.mkdir(parents=True, exist_ok=True)
                (folder / section[key]).touch()
    return shipped


def outcome(seed: int, shipped: list[dict[str, Any]], schema: dict[str, Any], folder: Path) -> str:
    """Return what became of one configuration: passed, refused or FAILED and why."""
    rng = random.Random(seed)
    found = copy.deepcopy(rng.choice(shipped))
    for _ in range(rng.randint(1, 6)):
        mutate(rng, found)
    started = time.process_time()
    said = "passed"
    try:
        as_snakefile(found, schema, folder)
    except SvqvaeError as error:
        said = "refused" if len(str(error)) < SCREEN else "FAILED: message too long"
    except Exception:  # whatever it is, it is the finding
        last = traceback.format_exc().strip().splitlines()
        said = f"FAILED: {last[-1][:150]} at {last[-3].strip()[:120]}"
    return "FAILED: slow" if time.process_time() - started > SLOW else said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    schema = config.read_schema(REPOSITORY / "workflow/schemas/config.schema.yaml")
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        shipped = shipped_with_files(Path(folder))
        for seed in range(asked.seed, asked.seed + asked.n):
            said = outcome(seed, shipped, schema, Path(folder))
            outcomes[said] += 1
            if said.startswith("FAILED") and outcomes[said] <= 3:
                print(f"seed {seed}: {said}", flush=True)
    for said, n in outcomes.most_common():
        print(f"{n:6} {said}")
    sys.exit(any(said.startswith("FAILED") for said in outcomes))


if __name__ == "__main__":
    main()
