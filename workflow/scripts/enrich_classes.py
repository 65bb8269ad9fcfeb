"""Find the gene sets that the classes of one model move."""

from _job import job

with job(snakemake):
    from svqvae.data.split import training_rows
    from svqvae.io.atomic import write_table
    from svqvae.io.gmt import read_gene_sets
    from svqvae.io.own import open_h5ad
    from svqvae.tl.genes.enrichment import class_enrichment
    from svqvae.tl.genes.markers import class_contrasts

    gene_sets = read_gene_sets(snakemake.input.gene_sets)
    everything = open_h5ad(snakemake.input.signatures, backed=True)
    adata = everything[training_rows(everything.obs, "all")]
    contrasts = class_contrasts(adata, open_h5ad(snakemake.input.classes))
    write_table(class_enrichment(contrasts, gene_sets), snakemake.output[0])
