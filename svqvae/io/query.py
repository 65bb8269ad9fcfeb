"""Queries of metadata: pandas' expressions, text and numbers compared as the file has them."""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_object_dtype

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.tables import tidy
from svqvae.io.text import brief

#: What pandas and Python raise on an expression that has no answer.
_UNANSWERED = (
    *(SyntaxError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError),
    *(NotImplementedError, NameError, AssertionError, RecursionError, MemoryError),
    *(tokenize.TokenError, re.error, ImportError),
)
_LENGTH = 2000
#: How a column is called whose name is no word of an expression.
_PLACE = "column_{}_"
#: Words of the language itself, which no column can take.
_GRAMMAR = {"and", "or", "not", "in", "is", "if", "else", "True", "False", "None", "lambda"}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_METHODS = ("isin", "eq", "ne")
_HINT = 'compare with something, as in "cell_id == \'MCF7\'" or "pr_is_lm == 1"'


def find_by_query(query: str, table: pd.DataFrame, what: str, path: str | Path) -> np.ndarray:
    """Return the positions of the rows that a query of metadata matches.

    Parameters
    ----------
    query
        An expression of pandas. ``sig_id`` of signatures, ``id`` of genes, is the id. A number
        that is compared with a column of text means the text of that number (``pr_gene_id == 466``
        is ``pr_gene_id == '466'``), and a quoted number compared with numbers that number.

    Raises
    ------
    SvqvaeError
        If it cannot be answered, compares text with numbers, or matches nothing.
    """
    id_name = keys.SIG_ID if what == "signature" else "id"
    said = f"{path}: {what} query {brief(query, 200)}"
    if len(query) > _LENGTH:
        raise SvqvaeError(f"{said} is too long; choose by a list of ids")
    # Only the columns that are spoken of: a table may be wide and long.
    named = tidy(table[[c for c in table.columns if str(c) in query and str(c) != id_name]])
    plain = named.apply(lambda c: c.astype(object) if c.dtype == "category" else c)
    plain[id_name] = table.index
    plain = plain.set_axis(table.index, axis=0)
    try:
        plain, text = _as_words(query, plain)
        tree = _Typed(plain).visit(ast.parse(text, mode="eval"))
        answer = plain.eval(ast.unparse(tree), engine="python")
    except _Untyped as error:
        raise SvqvaeError(f"{said}: {error}") from error
    except pd.errors.UndefinedVariableError as error:
        unknown = (re.findall("'([^']*)'", str(error)) or ["?"])[0]
        hint = did_you_mean(unknown, [*table.columns, id_name])
        ids = f"; for one id, write a list: [{brief(query)}]" if query in table.index else ""
        raise SvqvaeError(
            f"{path}: {what} query: no column {brief(unknown)}{ids or hint}"
        ) from error
    except _UNANSWERED as error:
        ids = "; for one id, write a list" if query in table.index else ""
        raise SvqvaeError(f"{said} cannot be read: {brief(error, 200)}{ids}") from error
    if isinstance(answer, pd.Series) and answer.dtype in (object, "boolean"):
        known = answer.dropna()
        if known.map(lambda v: isinstance(v, bool | np.bool_)).all():
            # A missing value matches nothing.
            answer = pd.Series(answer.isin(known[known.astype(bool)]), index=answer.index)
    if not isinstance(answer, pd.Series) or answer.dtype != bool or len(answer) != len(table):
        ids = "; for one id, write a list" if query in table.index else ""
        raise SvqvaeError(f"{said} is no yes-or-no question; {_HINT}{ids}")
    found = np.flatnonzero(answer)
    if not len(found):
        raise SvqvaeError(
            f"{path}: no {what} of {len(table)} matches the query {brief(query, 200)}"
        )
    return found


class _Untyped(Exception):
    """Text and numbers that cannot be compared."""


def _as_words(query: str, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return a query in Python's grammar, and the table with the names that it uses.

    Names between backticks and those that Python takes for itself (``class``) get another one;
    ``&`` and ``|`` bind as ``and`` and ``or``, as in pandas.
    """
    names = {str(name): str(name) for name in table.columns}
    places = {name: _PLACE.format(at) for at, name in enumerate(names)}

    def quoted(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in names:
            raise _Untyped(f"no column {brief(name)}{did_you_mean(name, names)}")
        names[name] = places[name]
        return places[name]

    # Text between quotes is left alone.
    parts = re.split(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", query)
    parts[::2] = [re.sub(r"`([^`]*)`", quoted, part) for part in parts[::2]]
    words = []
    for token in tokenize.generate_tokens(io.StringIO("".join(parts).strip()).readline):
        kind, word = token.type, token.string
        if word == "@":
            raise _Untyped("'@' takes variables, of which there are none here; write the values")
        if kind == tokenize.OP and word in ("&", "|"):
            kind, word = tokenize.NAME, {"&": "and", "|": "or"}[word]
        reserved = keyword.iskeyword(word) and word not in _GRAMMAR
        if kind == tokenize.NAME and reserved and word in names:
            names[word] = word = places[word]
        words.append((kind, word))
    columns = {c: names[str(c)] for c in table.columns}
    return table.rename(columns=columns), tokenize.untokenize(words).strip()


class _Typed(ast.NodeTransformer):
    """Gives the constants of comparisons the type of the column beside them."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Powers of constants can take for ever."""
        if isinstance(node.op, ast.Pow | ast.LShift | ast.Mult):
            inner = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
            if isinstance(node.op, ast.Pow | ast.LShift) or any(
                isinstance(v, str | bytes) for v in inner
            ):
                raise _Untyped("powers, shifts and repeated text are not computed here")
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """``column == constant``, either way round, also in chains."""
        sides = [node.left, *node.comparators]
        for at, operator in enumerate(node.ops):
            for here, there in ((at, at + 1), (at + 1, at)):
                column = self._column(sides[here])
                if column is not None:
                    ordered = isinstance(operator, _ORDER)
                    sides[there] = self._fit(sides[there], *column, ordered=ordered)
        node.left, node.comparators = sides[0], sides[1:]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``column.isin([...])``."""
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            column = self._column(node.func.value)
            if column is not None:
                node.args = [self._fit(a, *column, ordered=False) for a in node.args]
        return self.generic_visit(node)

    def _column(self, node: ast.expr) -> tuple[str, pd.Series] | None:
        if not isinstance(node, ast.Name):
            return None
        if node.id == "index":
            return "index", self._table.index.to_series()
        return (node.id, self._table[node.id]) if node.id in self._table else None

    def _fit(self, node: ast.expr, name: str, column: pd.Series, *, ordered: bool) -> ast.expr:
        constants = list(_constants(node))
        if not constants:
            return node
        if is_object_dtype(column) or pd.api.types.is_string_dtype(column):
            return self._text(node, constants, name, column, ordered=ordered)
        if is_numeric_dtype(column) and not is_bool_dtype(column):
            return self._number(node, constants, name)
        if is_bool_dtype(column) and any(isinstance(v, str) for v in constants):
            raise _Untyped(f"'{name}' holds True and False; write them without quotes")
        return node

    def _text(
        self,
        node: ast.expr,
        constants: list[object],
        name: str,
        column: pd.Series,
        *,
        ordered: bool,
    ) -> ast.expr:
        other = [v for v in constants if not isinstance(v, str)]
        if not other:
            return node
        shown = next((str(v) for v in column.dropna().head(1)), str(other[0]))
        quote = f"'{name}' holds text; write values of it in quotes, as {shown!r}"
        if ordered:
            raise _Untyped(f"{quote}, and text has no order by number")
        values = set(column.dropna().astype(str).unique())
        spelled = {v: _spellings(v) for v in other}
        used = {v: next((s for s in spelled[v] if s in values), None) for v in other}
        if not any(used.values()):
            raise _Untyped(f"{quote}; no value of it is {spelled[other[0]][0]!r}")
        return _replace(node, lambda v: v if isinstance(v, str) else used[v] or spelled[v][0])

    def _number(self, node: ast.expr, constants: Sequence[object], name: str) -> ast.expr:
        for value in constants:
            if isinstance(value, str) and not _is_number(value):
                raise _Untyped(f"'{name}' holds numbers, and {brief(value)} is none")
        return _replace(node, lambda v: float(v) if isinstance(v, str) else v)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _spellings(value: object) -> list[str]:
    """Return how text may spell a constant."""
    if isinstance(value, bool):
        word = str(value)
        return [word, word.upper(), word.lower(), str(int(value))]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value)), str(value)]
    return [str(value)]


def _constants(node: ast.expr) -> Iterator[object]:
    """Yield the constants of ``5``, ``-5``, ``'a'`` or a list of them; nothing of anything else."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        for item in node.elts:
            yield from _constants(item)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from (-v for v in _constants(node.operand) if isinstance(v, int | float))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        yield node.value


def _replace(node: ast.expr, by: object) -> ast.expr:
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return ast.List([_replace(item, by) for item in node.elts], ast.Load())
    found = list(_constants(node))
    return ast.Constant(by(found[0])) if found else node  # type: ignore[operator]
