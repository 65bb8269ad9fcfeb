"""Account of what each step of the choice of signatures kept and dropped."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean

#: Name of the step in which signatures that ``source.sig_info`` lacks are left out.
SIG_INFO_STEP = "source.sig_info"


class FilterLog:
    """Account of the signatures, perturbagens and classes that each step kept.

    Parameters
    ----------
    obs
        Signature table before any filter.
    group
        Column that names the perturbagen.
    in_matrix
        Signatures of the matrix, where a signature table was joined to it that may lack some:
        they are counted as dropped in a step of their own. Their perturbagens are unknown.
    """

    def __init__(self, obs: pd.DataFrame, *, group: str, in_matrix: int | None = None) -> None:
        self._group = group
        self._rows: list[dict[str, object]] = []
        self._left = [0, 0]
        self._note("read", obs, dropped=0)
        if in_matrix is not None:
            self._rows[0]["signatures"] = in_matrix
            self._note(SIG_INFO_STEP, obs, dropped=in_matrix - len(obs))

    def _note(self, step: str, obs: pd.DataFrame, *, dropped: int) -> None:
        left = [obs[c].nunique() if c in obs else 0 for c in (self._group, keys.CLASS)]
        lost = [max(0, before - now) for before, now in zip(self._left, left, strict=True)]
        self._left = left
        self._rows.append(
            {
                "step": step,
                "dropped": dropped,
                "signatures": len(obs),
                "perturbagens": left[0],
                "classes": left[1],
                "dropped_perturbagens": lost[0],
                "dropped_classes": lost[1],
            }
        )

    def count_by(self, column: str, obs: pd.DataFrame) -> None:
        """Count perturbagens by another column from here on; what it joins is not dropped."""
        self._group = column
        self._left[0] = obs[column].nunique()

    def keep(self, obs: pd.DataFrame, mask: np.ndarray | pd.Series, step: str) -> pd.DataFrame:
        """Return the rows of ``obs`` in ``mask``; if none is left, say which step did it."""
        kept = obs[np.asarray(mask, dtype=bool)]
        if kept.empty:
            raise SvqvaeError(
                f"{step} left no signature of {len(obs)}; relax it (filters so far: "
                f"{', '.join(str(r['step']) for r in self._rows)})"
            )
        self._note(step, kept, dropped=len(obs) - len(kept))
        return kept

    def note_labels(self, obs: pd.DataFrame, before: int) -> None:
        """Record the step in which labels were joined and signatures may have been repeated."""
        self._note("labels", obs, dropped=before - len(obs))

    def table(self) -> pd.DataFrame:
        """Return one row per step: step, dropped, what was left, and what else went with it."""
        return pd.DataFrame(self._rows)


def check_expected(account: pd.DataFrame, expected: Mapping[str, int]) -> None:
    """Hold the number of signatures left after named steps against what was expected.

    Counts of a paper, written into the configuration, turn a silent difference in the files or
    filters into an error.

    Parameters
    ----------
    account
        From :meth:`FilterLog.table`.
    expected
        Signatures left after a step, by the step's name.

    Raises
    ------
    SvqvaeError
        Names every step that does not exist or differs, and shows the whole account.
    """
    steps = account["step"]
    problems = [
        f"filters.expected: no step '{step}'{did_you_mean(step, steps)}"
        for step in expected
        if step not in set(steps)
    ]
    problems += differences(account, expected)
    if problems:
        shown = account[["step", "dropped", "signatures", "perturbagens", "classes"]]
        problems.append("the steps were:\n" + shown.to_string(index=False))
        raise SvqvaeError(problems)


def differences(account: pd.DataFrame, expected: Mapping[str, int]) -> list[str]:
    """Return a sentence for each step so far that left another number than expected."""
    left = account.set_index("step")["signatures"]
    return [
        f"filters.expected: {step} left {left[step]:,} signatures, expected {count:,}"
        for step, count in expected.items()
        if step in left.index and left[step] != count
    ]
