"""Compare what each model found with what was planted."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.results import model_of
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.evaluation.recovery import recovery_of_models

    classes, codes = {}, {}
    for path in map(Path, snakemake.input.classes):
        cards = [card for card in snakemake.input.models if path.parent in Path(card).parents]
        classes[model_of(path)] = ad.read_h5ad(path)
        codes[model_of(path)] = [m.model.codes for m in load_fold_models(cards)]
    truth = ad.read_h5ad(snakemake.input.truth)
    table = recovery_of_models(classes, truth, codes, roles=snakemake.params.roles)
    write_table(table, snakemake.output[0])
