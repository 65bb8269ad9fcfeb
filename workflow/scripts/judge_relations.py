"""Hold the relations that each model finds against pairs of classes known to be related."""

from _job import job

with job(snakemake):
    import anndata as ad
    import pandas as pd

    from svqvae.io.atomic import write_table
    from svqvae.tl.knowledge import known_pairs, relations_held_against

    obs = ad.read_h5ad(snakemake.input.signatures, backed="r").obs
    tables = []
    for (model, role), path in zip(
        snakemake.params.models.items(), snakemake.input.classes, strict=True
    ):
        classes = ad.read_h5ad(path)
        related = known_pairs(obs, list(classes.obs_names), snakemake.input.get("known") or None)
        table = relations_held_against(classes, related, draws=snakemake.params.draws)
        table.insert(0, "model", model)
        table.insert(1, "role", role)
        tables.append(table)
    write_table(pd.concat(tables), snakemake.output[0])
