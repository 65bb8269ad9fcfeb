"""From a checked configuration to its trainings: which models, of which folds, by which job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from svqvae.models import presets
from svqvae.models.store import CARD, HISTORY, LIBRARY, WEIGHTS
from svqvae.results import MODEL
from svqvae.run.cases import case_of, studied

#: Fold and seed of one training. ``all`` leaves out nothing but a predefined test set.
Run = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """Models of one kind on data sets of the same folds: a rule, and a job for each of them.

    Attributes
    ----------
    runs
        Trainings whose models are temporary: all but the model of all data.
    files
        Names of what is saved of each model.
    priority
        3 for networks of the most epochs, which take longest and so come first, 2 for other
        networks, 1 for the rest.
    is_described
        The classes are described; of the others only the predictions count.
    presets
        Of each model.
    """

    datasets: tuple[str, ...]
    models: tuple[str, ...]
    runs: tuple[Run, ...]
    files: tuple[str, ...]
    priority: int
    is_described: bool
    presets: Mapping[str, str]

    @property
    def final_files(self) -> tuple[str, ...]:
        """Names of what is saved of the model of all data: the library of queries too."""
        return (*self.files, *([LIBRARY] if self.names_compounds else []))

    @property
    def names_compounds(self) -> bool:
        """Whether the models name the compounds that are nearest to a signature."""
        return all(presets.names_compounds(self.presets[m]) for m in self.models)


class TrainingPlan:
    """The trainings of a run.

    Parameters
    ----------
    config
        A checked configuration.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.models: dict[str, dict[str, Any]] = config["models"]
        self.seeds: list[int] = config.get("seeds", [0])
        self.results = config.get("results", "results").rstrip("/")
        self._base: dict[tuple[str, str], str | None] = {}

    def settings(self, dataset: str, model: str) -> dict[str, Any]:
        """Return all settings that a model is trained with, those of its preset too."""
        own = dict(self.models[model])
        preset = own.pop("preset")
        if case_of(self.config, dataset).is_image:
            preset = presets.for_images(preset)
        return presets.resolve(preset, own)

    def device(self, model: str) -> str:
        """Return where a model is trained: only networks gain from an accelerator."""
        return self.config.get("device", "auto") if self._epochs(model) else "cpu"

    def folds(self, dataset: str) -> list[str]:
        """Return the names of the folds; a predefined test set is one, called test."""
        split = self.config["datasets"][dataset].get("split", {})
        if case_of(self.config, dataset).is_image or "column" in split:
            return ["test"]
        return [str(fold) for fold in range(split.get("folds", 5))]

    def left_out(self, dataset: str) -> list[Run]:
        """Return the trainings without a fold; on a test set, those by further seeds."""
        runs = [(fold, seed) for fold in self.folds(dataset) for seed in self.seeds]
        return [run for run in runs if run != ("test", self.seeds[0])]

    def runs(self, dataset: str) -> list[Run]:
        """Return every training of a method: without each fold, then on all data."""
        return [*self.left_out(dataset), ("all", self.seeds[0])]

    def folder(self, dataset: str, model: str, run: Run) -> str:
        """Return where a model lies; that of a test set is the model of all other data."""
        fold, seed = run
        last = "folds/{}-seed{}".format(*run)
        if fold == "all" or (fold == "test" and seed == self.seeds[0]):
            last = "model"
        return f"{self.results}/{MODEL.format(dataset=dataset, model=model)}/{last}"

    def files(self, model: str) -> tuple[str, ...]:
        """Return the names of what is saved of a model, its card first, then its parts."""
        parts = presets.parts_of(self.models[model]["preset"])
        own = (CARD, WEIGHTS, HISTORY)
        return (*own, *(f"{part}/{file}" for part in parts for file in own))

    def base(self, dataset: str, model: str) -> str | None:
        """Return the configured model that another's training begins with: it is trained once."""
        if (dataset, model) not in self._base:
            wanted = presets.begins_with(self.settings(dataset, model))
            alike = (m for m in self.models if wanted and self.settings(dataset, m) == wanted)
            self._base[dataset, model] = next(alike, None)
        return self._base[dataset, model]

    def trainings(self, dataset: str, model: str, runs: Iterable[Run]) -> list[dict[str, Any]]:
        """Return the fields of :class:`svqvae.run.trainings.Training` of each training."""
        base = self.base(dataset, model)
        return [
            {
                "fold": run[0],
                "seed": run[1],
                "folder": self.folder(dataset, model, run),
                "begin_with": base and self.folder(dataset, base, run),
            }
            for run in runs
        ]

    def begun_with(self, dataset: str, model: str, runs: Iterable[Run]) -> list[str]:
        """Return the files of the models that trainings begin with."""
        base = self.base(dataset, model)
        if base is None:
            return []
        return [f"{self.folder(dataset, base, r)}/{f}" for r in runs for f in self.files(base)]

    def begun_with_all(self, dataset: str, model: str) -> list[str]:
        """Return what all trainings of a method begin with: a folder, and files of the last one."""
        base = self.base(dataset, model)
        if base is None:
            return []
        last = self.runs(dataset)[-1]
        folds = {
            str(Path(self.folder(dataset, base, run)).parent) for run in self.left_out(dataset)
        }
        return [*folds, *self.begun_with(dataset, model, [last])]

    def fold_cards(self, dataset: str, model: str, seeds: Sequence[int]) -> list[str]:
        """Return the cards of the models that are scored on each fold, by some seeds."""
        runs = [(fold, seed) for fold in self.folds(dataset) for seed in seeds]
        return [f"{self.folder(dataset, model, run)}/{CARD}" for run in runs]

    def beside(self, card: str) -> list[str]:
        """Return what belongs to a card: a model is not there, or not the same, without it."""
        folder = Path(card).parent
        model = folder.relative_to(self.results).parts[1]
        return [f"{folder}/{file}" for file in self.files(model)[1:]]

    @cached_property
    def final_files(self) -> list[str]:
        """Files of the models of all data."""
        return [
            f"{self.folder(dataset, model, ('all', self.seeds[0]))}/{file}"
            for dataset in studied(self.config)
            for model in self.models
            for file in self.files(model)
        ]

    def jobs(self) -> dict[str, TrainingJob]:
        """Return the jobs that train and score all models of a method, by name.

        Their rules differ by what they write and how long they take.
        """
        alike: dict[tuple[Run, ...], list[str]] = {}
        for dataset in studied(self.config):
            alike.setdefault(tuple(self.left_out(dataset)), []).append(dataset)
        found: dict[str, TrainingJob] = {}
        for runs, datasets in alike.items():
            kinds: dict[tuple[bool, int, tuple[str, ...]], list[str]] = {}
            for model in self.models:
                kinds.setdefault(self._kind(model), []).append(model)
            for (is_described, priority, files), models in kinds.items():
                job = TrainingJob(
                    datasets=tuple(datasets),
                    models=tuple(models),
                    runs=runs,
                    files=files,
                    priority=priority,
                    is_described=is_described,
                    presets={m: self.models[m]["preset"] for m in models},
                )
                name = again = _name(job)
                number = 1
                while again in found:
                    number += 1
                    again = f"{name}_{number}"
                found[again] = job
        return found

    def _kind(self, model: str) -> tuple[bool, int, tuple[str, ...]]:
        most = max(map(self._epochs, self.models))
        priority = 1
        if epochs := self._epochs(model):
            priority = 3 if 2 * epochs > most else 2
        return presets.has_codes(self.models[model]["preset"]), priority, self.files(model)

    def _epochs(self, model: str) -> int:
        """Return for how many epochs a model is trained at most; 0 without any."""
        settings = self.models[model]
        return int((presets.known()[settings["preset"]] | settings).get("epochs", 0))


def _name(job: TrainingJob) -> str:
    """Return train_networks, train_classifiers, ..."""
    what = {3: "long_networks", 2: "networks", 1: "means"}[job.priority]
    if not job.is_described:
        what = "classifiers"
    parts = dict.fromkeys(file.partition("/")[0] for file in job.files if "/" in file)
    return "_".join(["train", what, *(["on", *parts] if parts else [])])
