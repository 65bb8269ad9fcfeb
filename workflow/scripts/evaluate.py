"""Score the models of every fold and seed on the perturbagens they never saw."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad
    import pandas as pd

    from svqvae.io.atomic import write_table
    from svqvae.models.registry import load_model
    from svqvae.tl.evaluation.evaluate import score_held_out

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    parts = [
        score_held_out(load_model(Path(card).parent), adata, fold=fold, seed=seed)
        for card, (fold, seed) in zip(snakemake.input.models, snakemake.params.runs, strict=True)
    ]
    predictions, scores = (pd.concat(tables) for tables in zip(*parts, strict=True))
    write_table(predictions, snakemake.output.predictions)
    write_table(scores, snakemake.output.scores)
