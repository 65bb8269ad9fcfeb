"""Which outputs a data set has, or a model on it: conditions on a small description of a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """A data set of a run, or one model on it: what decides which outputs there are.

    What is said of models is, of a data set, whether it holds of any of them.
    """

    #: The signatures have a planted truth.
    is_simulated: bool = False
    #: Signatures are images: pixels are in no gene set, and five trainings more take long.
    is_image: bool = False
    #: Pairs of related classes are known, or planted.
    knows_relations: bool = False
    #: Novelty is asked for, and the subject of the run, whichever model is in question, has a
    #: score of it.
    evaluates_novelty: bool = False
    has_gene_sets: bool = False
    #: Gene knock-downs are there for its compounds.
    has_knockdowns: bool = False
    #: The model has a code per class.
    has_codes: bool = False
    #: The model is trained in epochs.
    is_trained: bool = False
    #: Simulated signatures of the model are compared with held-out ones.
    is_simulator: bool = False


def always(case: Case) -> bool:
    """Hold for every data set, and every model."""
    return True


def described(case: Case) -> bool:
    """Hold for models whose classes are described."""
    return case.has_codes


def trained(case: Case) -> bool:
    """Hold for described models that have a training to show, and a representation learned."""
    return case.has_codes and case.is_trained


def simulating(case: Case) -> bool:
    """Hold for models whose simulated signatures are compared with held-out ones."""
    return case.is_simulator


def planted(case: Case) -> bool:
    """Hold where described classes can be compared with a planted truth."""
    return case.is_simulated and case.has_codes


def related(case: Case) -> bool:
    """Hold where described classes can be compared with known relations."""
    return case.knows_relations and case.has_codes


def novel(case: Case) -> bool:
    """Hold where novelty is evaluated."""
    return case.evaluates_novelty and not case.is_image


def targeted(case: Case) -> bool:
    """Hold where drug targets are sought among knock-downs."""
    return case.has_knockdowns


def enriched(case: Case) -> bool:
    """Hold for described classes of genes, where gene sets are configured."""
    return case.has_gene_sets and case.has_codes and not case.is_image
