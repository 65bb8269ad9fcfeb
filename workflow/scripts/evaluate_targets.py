"""Rank the known targets of compounds among gene knock-downs, in latent and in raw space."""

from _job import job, located

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.genes.drug_targets import known_targets, rank_targets
    from svqvae.tl.genes.gene_ranks import drug_similarities

    compounds = open_h5ad(snakemake.input.compounds, backed=True)
    at = located(snakemake.input.compounds, snakemake.params.first)
    knockdowns = open_h5ad(snakemake.input.knockdowns, backed=True)
    models = ((m.fold, m.model) for m in load_fold_models(map(at, snakemake.params.models)))
    ranks, summary = rank_targets(
        drug_similarities(models, compounds, knockdowns),
        known_targets(compounds.obs),
        draws=snakemake.params.draws,
    )
    write_table(ranks, snakemake.output.ranks)
    write_table(summary, snakemake.output.summary)
