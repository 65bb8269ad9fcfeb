"""Filter, label, read and split the signatures of one data set."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.io.atomic import atomic_path, write_table
    from svqvae.pp.preprocess import preprocess
    from svqvae.pp.source import make_source

    files = dict(snakemake.input.items())
    table = files.pop("table", None)
    labels = dict(snakemake.params.labels)
    if table is not None:
        labels["table"] = table
    adata = preprocess(
        make_source(snakemake.params.kind, files, sha256=snakemake.params.sha256),
        labels=labels,
        filters=snakemake.params.filters,
        split=snakemake.params.split,
        clip=snakemake.params.clip,
    )
    accounts = adata.uns["svqvae"]
    write_table(accounts["filters"], snakemake.output.filters)
    # One row per perturbagen: read as tables, they need not travel with every signature.
    for name in ("labels", "duplicates"):
        write_table(accounts.pop(name), snakemake.output[name])
    with atomic_path(Path(snakemake.output.signatures)) as temporary:
        adata.write_h5ad(temporary)
