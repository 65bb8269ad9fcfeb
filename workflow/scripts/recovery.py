"""Compare what each model found with what was planted."""

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.results import model_of
    from svqvae.tl.evaluation.recovery import recovery_of_models
    from svqvae.tl.relations.fold_classes import FoldClasses

    classes = {model_of(path): open_h5ad(path) for path in snakemake.input.classes}
    codes = {model_of(path): FoldClasses.read(path).codes for path in snakemake.input.folds}
    truth = open_h5ad(snakemake.input.truth)
    table = recovery_of_models(classes, truth, codes, roles=snakemake.params.roles)
    write_table(table, snakemake.output[0])
