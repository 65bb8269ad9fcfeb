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
    write_table(adata.uns["svqvae"]["filters"], snakemake.output.filters)
    with atomic_path(Path(snakemake.output.signatures)) as temporary:
        adata.write_h5ad(temporary)
