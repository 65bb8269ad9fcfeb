"""Score the models of every fold and seed on what they never saw, and take what is kept of them."""

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.tl.evaluation.evaluate import score_fold_models
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.relations.fold_classes import FoldClasses

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    models = list(load_fold_models(snakemake.input.models))
    predictions, scores = score_fold_models(models, adata)
    write_table(predictions, snakemake.output.predictions)
    write_table(scores, snakemake.output.scores)
    FoldClasses.of(models, adata).write(snakemake.output.classes)
