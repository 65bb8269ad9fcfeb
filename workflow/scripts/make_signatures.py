"""Make signatures of plates of replicates, or of counts with a control."""

from _job import job

with job(snakemake):
    from svqvae.pp.source import make_source
    from svqvae.signatures.make import make_signatures

    files = dict(snakemake.input.items())
    columns = {k: v for k, v in snakemake.params.columns.items() if k in files}
    # Of no kind but signatures: their names say which.
    source = make_source("", files, sha256=snakemake.params.sha256, columns=columns)
    make_signatures(source, snakemake.params.asked).write(snakemake.output[0])
