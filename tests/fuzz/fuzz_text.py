"""Random text files as people write and damage them: the known values, or an SvqvaeError.

Run by hand: ``python tests/fuzz/fuzz_text.py --n 10000 --seed 0 [--reader table]``. Prints the
number of files read, refused and failed per reader, and for each failure what repeats it. The
generators are in ``text_tables.py``, ``text_gct.py``, ``text_genes.py`` and ``text_queries.py``.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

from text_files import Generator, Wrong
from text_gct import gct
from text_genes import gene_list, gene_sets
from text_queries import query
from text_tables import metadata_table, signature_table

from svqvae.errors import SvqvaeError

SECONDS, LENGTH = 10, 2000
READERS: dict[str, Generator] = {
    "table": signature_table,
    "gct": gct,
    "metadata": metadata_table,
    "genes": gene_list,
    "gmt": gene_sets,
    "query": query,
}


def one(reader: str, seed: str, folder: Path) -> tuple[str, str, str]:
    """Return what was damaged, what came of it (read, refused, failed) and why."""
    for old in folder.iterdir():
        old.unlink()
    kind, check = READERS[reader](random.Random(seed), folder)
    signal.alarm(SECONDS)
    try:
        check()
    except SvqvaeError as error:
        if len(str(error)) > LENGTH:
            return kind, "failed", f"a message of {len(str(error))} characters"
        return kind, "refused", str(error)
    except Wrong as error:
        return kind, "failed", str(error)
    except Exception:
        return kind, "failed", traceback.format_exc(limit=-4)
    finally:
        signal.alarm(0)
    return kind, "read", ""


def _too_long(*_: object) -> None:
    raise Wrong(f"took more than {SECONDS} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--reader", choices=READERS, action="append")
    parser.add_argument("--one", type=int, help="only this one, its file and answer shown")
    parser.add_argument("--refused", action="store_true", help="show sound files that are refused")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _too_long)
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for reader in args.reader or READERS:
            counts: Counter[tuple[str, str]] = Counter()
            reasons: Counter[str] = Counter()
            for i in range(args.n) if args.one is None else [args.one]:
                kind, outcome, why = one(reader, f"{args.seed}/{reader}/{i}", folder)
                counts[kind, outcome] += 1
                if outcome == "failed":
                    failures += 1
                    if sum(v for (_, o), v in counts.items() if o == "failed") <= 5:
                        print(f"{reader} --seed {args.seed} --one {i} ({kind}): {why}\n")
                if args.refused and kind == "none" and outcome == "refused":
                    reasons[why.split(": ", 1)[-1][:150]] += 1
                if args.one is not None:
                    for path in folder.iterdir():
                        print(path.name, path.read_bytes())
                    print(kind, outcome, why)
            total = Counter(outcome for (_, outcome) in counts.elements())
            print(reader, dict(total), {f"{k} {o}": v for (k, o), v in sorted(counts.items())})
            for why, times in reasons.most_common(20):
                print("   ", times, why)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
