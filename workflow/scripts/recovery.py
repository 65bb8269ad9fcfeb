"""Compare what each model found with what was planted."""

from _job import job

with job(snakemake):
    import anndata as ad
    import pandas as pd

    from svqvae.io.atomic import write_table
    from svqvae.tl.evaluation.recovery import recovery
    from svqvae.tl.relations.describe import load_replicates

    truth = ad.read_h5ad(snakemake.input.truth)
    roles = dict(snakemake.params.models)
    per_model = len(snakemake.input.models) // len(roles)
    tables = []
    for i, (name, role) in enumerate(roles.items()):
        cards = snakemake.input.models[i * per_model : (i + 1) * per_model]
        codes = [model.codes for model in load_replicates(cards)]
        table = recovery(ad.read_h5ad(snakemake.input.classes[i]), truth, codes)
        table.insert(0, "model", name)
        table.insert(1, "role", role)
        tables.append(table)
    write_table(pd.concat(tables), snakemake.output[0])
