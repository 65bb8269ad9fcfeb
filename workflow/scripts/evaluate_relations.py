"""Hold the relations that each model finds against pairs of classes known to be related."""

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.io.tables import read_result
    from svqvae.results import model_of
    from svqvae.tl.relations.known import known_tables

    truth = snakemake.input.get("truth")
    tables = known_tables(
        {model_of(path): read_result(path) for path in snakemake.input.relations},
        open_h5ad(snakemake.input.signatures, backed=True),
        subject=snakemake.params.subject,
        roles=snakemake.params.roles,
        known=snakemake.input.get("known") or None,
        truth=open_h5ad(truth).obs if truth else None,
        draws=snakemake.params.draws,
    )
    for name, table in tables.items():
        write_table(table, snakemake.output[name])
