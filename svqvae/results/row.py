"""What a row says of an output: where its file lies, who has it, its title, what draws it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from svqvae.results.case import Case, always

#: Folders of the results: of a data set, and of a model on it.
DATASET, MODEL = "{dataset}", "{dataset}/{model}"
FIGURE_FOLDER = "figures"
#: Kinds of file that each figure comes as; the table that it draws lies beside it.
DRAWN = (".svg", ".png")


@dataclass(frozen=True)
class Call:
    """A function of the package, and what it is given.

    Attributes
    ----------
    function
        ``package.module:name``.
    given
        Names of :data:`FILES`, which are opened, or of what else the caller has.
    """

    function: str
    given: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Name of the function's module."""
        return self.function.partition(":")[0]

    def __call__(self, things: Mapping[str, Any], *first: Any) -> Any:
        """Return what the function makes of ``first`` and of the things that it is given."""
        module, _, name = self.function.partition(":")
        function = getattr(import_module(module), name)
        return function(*first, *(things[given] for given in self.given))


@dataclass(frozen=True, kw_only=True)
class Output(ABC):
    """What tables, figures and other files have in common."""

    name: str
    #: :data:`DATASET` or :data:`MODEL`.
    folder: str
    when: Callable[[Case], bool] = always
    #: Without a title it is not on the page.
    title: str = ""
    caption: str = ""
    #: Part of the page; outputs of one heading stand together.
    heading: str = ""
    #: Columns that hold names.
    text: tuple[str, ...] = ()
    #: Makes of the table a sentence for the top of the page, or none.
    says: Call | None = None

    @property
    @abstractmethod
    def template(self) -> str:
        """Path under the results, with ``{dataset}`` and ``{model}``."""

    def path(self, results: str | Path, **wildcards: str) -> Path:
        """Return where the output lies for one data set, or one model on it."""
        return Path(results) / self.template.format(**wildcards)


@dataclass(frozen=True, kw_only=True)
class File(Output):
    """A file that is no figure; with the suffix .tsv, a table."""

    suffix: str = ".tsv"
    #: Name without suffix, below the folder; by default that of the row.
    stem: str = ""
    #: It may be larger than memory, and is read part by part.
    is_large: bool = False

    @property
    def template(self) -> str:
        """Path below the results, with the names of data set and model left open."""
        return f"{self.folder}/{self.stem or self.name}{self.suffix}"


@dataclass(frozen=True, kw_only=True)
class Figure(Output):
    """A figure: an svg and a png beside the table that it draws.

    Attributes
    ----------
    table
        What is drawn: the name of a table, or a call that makes one.
    draw
        The function that takes the table, and what else it is given.
    of_classes
        Whether it can be drawn of some classes alone; their clusters are then among its needs.
    """

    table: str | Call
    draw: Call
    of_classes: bool = False

    @property
    def template(self) -> str:
        """Path of the svg below the results, with the names left open."""
        return f"{self.folder}/{FIGURE_FOLDER}/{self.name}{DRAWN[0]}"

    @property
    def beside(self) -> list[str]:
        """Templates of what belongs to the figure: the png, and the table that it draws."""
        stem = self.template.removesuffix(DRAWN[0])
        return [f"{stem}{suffix}" for suffix in (*DRAWN[1:], ".tsv")]

    @property
    def needs(self) -> list[str]:
        """Names of the files that it is made from."""
        made = (self.table,) if isinstance(self.table, str) else self.table.given
        return list(dict.fromkeys((*made, *self.draw.given)))

    @property
    def modules(self) -> set[str]:
        """Names of the modules that make it."""
        made = set() if isinstance(self.table, str) else {self.table.module}
        return {self.draw.module, *made}
