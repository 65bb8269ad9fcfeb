"""Whether a run has the bytes of the recorded one, and if not, whether it says the same.

    python tests/golden/digests.py record results > tests/golden/default_run.sha256
    python tests/golden/digests.py check results

Tables, graphs and weights of the default run; what names versions or the commit is left out. Other
processors train to other last digits: where bytes differ, the summaries are held to a tolerance
(tables.py). On a machine like the recorded one, `sha256sum --check` does the first half.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import tables

RECORDED = Path(__file__).with_name("default_run.sha256")
HELD = (".tsv", ".graphml", ".safetensors")


def digests(results: Path) -> dict[str, str]:
    """Return the digest of each file that is held, by its path."""
    files = sorted(path for path in results.glob("simulated/**/*") if path.suffix in HELD)
    return {
        path.relative_to(results).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if not any(part.startswith(".") or part == "folds" for part in path.parts)
    }


def machine() -> str:
    """Return what bits depend on beside the code."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        named = {key.strip(): value.strip() for key, value in lines.items()}
        wide = [one for one in ("avx2", "avx512f", "amx_bf16") if one in named.get("flags", "")]
        processor = f"{named.get('model name', processor)} ({' '.join(wide)})"
    numbers = ", ".join(f"{one} {version(one)}" for one in ("torch", "numpy", "scikit-learn"))
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}, {numbers}"


def read(path: Path) -> tuple[str, dict[str, str]]:
    """Return the machine and the digests of a record."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("  ", 1) for line in lines)
    return first.removeprefix("# "), {name: digest for digest, name in pairs}


def main() -> None:
    """Record a results folder on the output, or check one."""
    action, results = sys.argv[1], Path(sys.argv[2])
    found = digests(results)
    if action == "record":
        print("#", machine())
        for name, digest in found.items():
            print(f"{digest}  {name}")
        return
    theirs, recorded = read(RECORDED)
    same = sum(found.get(name) == digest for name, digest in recorded.items())
    print(f"{same} of {len(recorded)} files have the recorded bytes")
    lines = []
    if same < len(recorded) or found.keys() != recorded.keys():
        print(f"recorded on {theirs}")
        print(f"this is     {machine()}")
        others = sorted(k for k in recorded if k in found and found[k] != recorded[k])
        print("other bytes:", ", ".join(others[:5]), "..." if len(others) > 5 else "")
        lines = tables.differences(
            tables.record(results), json.loads(tables.RECORDED.read_text(encoding="utf-8"))
        )
        print("\n".join(lines) or f"all values are as recorded, to {tables.TOLERANCE:g}")
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
