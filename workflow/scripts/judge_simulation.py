"""Judge what the models of the folds simulate by the signatures that they never saw."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.models.registry import load_model
    from svqvae.tl.evaluation.realism import realism

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    cards = zip(snakemake.params.folds, snakemake.input.models, strict=True)
    models = {fold: load_model(Path(card).parent) for fold, card in cards}
    table = realism(models, adata, draws=snakemake.params.draws)
    write_table(table, snakemake.output[0])
