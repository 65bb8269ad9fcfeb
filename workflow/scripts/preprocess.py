"""Filter, label, read and split the signatures of one data set."""

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.pp.preprocess import prepare
    from svqvae.pp.source import make_source
    from svqvae.signatures.made import HOW, how_made

    files = dict(snakemake.input.items())
    table = files.pop("table", None)
    # Named by the filters too: an input, so that a changed list is read again.
    files.pop("genes", None)
    labels = dict(snakemake.params.labels)
    columns = {k: v for k, v in snakemake.params.columns.items() if k in files}
    if table is not None:
        labels["table"] = table
    prepared = prepare(
        make_source(
            snakemake.params.kind,
            files,
            sha256=snakemake.params.sha256,
            columns=columns,
        ),
        labels=labels,
        filters=snakemake.params.filters,
        split=snakemake.params.split,
        clip=snakemake.params.clip,
    )
    if snakemake.params.made:
        prepared.parameters[HOW] = how_made(files["signatures"])
    prepared.write(snakemake.output.signatures)
    write_table(prepared.account, snakemake.output.filters)
    write_table(prepared.labels, snakemake.output.labels)
    write_table(prepared.duplicates, snakemake.output.duplicates)
