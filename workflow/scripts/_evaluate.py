"""Scores of the models of folds, and what is kept of those models."""

from collections.abc import Iterable


def evaluate(cards: Iterable[str], signatures: str, output) -> None:
    """Score the models of every fold and seed on what they never saw, and write it.

    ``output`` has ``predictions``, ``scores`` and ``compounds``, of models whose classes are
    described ``classes``, and of those that name compounds ``nearest``.
    """
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.tl.evaluation.by_compound import predict_compounds
    from svqvae.tl.evaluation.evaluate import score_fold_models
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.evaluation.neighbours import nearest_of_folds
    from svqvae.tl.relations.fold_classes import FoldClasses

    adata = open_h5ad(signatures, backed=True)
    models = list(load_fold_models(cards))
    predictions, scores = score_fold_models(models, adata)
    write_table(predictions, output.predictions)
    write_table(scores, output.scores)
    write_table(predict_compounds(models, adata), output.compounds)
    if "classes" in output.keys():
        FoldClasses.of(models, adata).write(output.classes)
    if "nearest" in output.keys():
        write_table(nearest_of_folds(models, adata), output.nearest)
