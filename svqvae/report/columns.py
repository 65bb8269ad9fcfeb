"""What each column of the page's tables means; the headers show it."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """Title of a column, and what it means."""

    title: str
    help: str


_CI = "95 % bootstrap interval over compounds"
_FDR = "the smallest false discovery rate at which it is a finding (Benjamini-Hochberg)"

#: By the name of the column in the TSV.
COLUMNS = {
    "model": Column("model", "Name in the configuration."),
    "other": Column("other", "What is subtracted: another model, or a neighbouring compound."),
    "role": Column("role", "A model, or a baseline that models have to beat."),
    "metric": Column(
        "metric",
        "What is measured on held-out signatures; mrr is the mean reciprocal rank of the true "
        "class, 1 if it always comes first.",
    ),
    "value": Column("value", "Over all held-out signatures."),
    "difference": Column("difference", f"First minus second, paired over compounds; {_CI}."),
    "better": Column("better", "Share of bootstrap draws in which the subject is better."),
    "by_signature": Column("by signature", "The same metric, of single signatures."),
    "n_compounds": Column("compounds", "Held-out ones that are scored."),
    "signatures_per_compound": Column("signatures a compound", "Median over compounds."),
    "unit": Column("of", "What is answered: signatures, or compounds by all their signatures."),
    "coverage": Column("answered", "Share that the model answers, the surest first."),
    "held_out_accuracy": Column(
        "right when this sure", "Share of the most similar held-out ones that was right."
    ),
    "subject": Column("subject", "The model that the run is about."),
    "rival": Column("rival", "The model that it is compared with."),
    "class": Column("class", "Mechanism of action, or another label of a compound."),
    "class_a": Column("class", "One class of the pair."),
    "class_b": Column("other class", "The other class of the pair."),
    "n_signatures": Column("signatures", "How many there are."),
    "n_perturbagens": Column("compounds", "How many there are."),
    "correlation": Column(
        "correlation",
        "Pearson correlation of the two codes (raw). Codes of few compounds are "
        "noisy, which pulls it towards 0. It has no interval of its own.",
    ),
    "corrected_correlation": Column(
        "corrected",
        "Correlation corrected for the noise of small classes, by held-out members, "
        "with its own 95 % jackknife interval over compounds and seeds. Missing where a class's "
        "members are not reliably like their own code.",
    ),
    "ci_low": Column("interval from", "Lower end of the 95 % interval."),
    "ci_high": Column("interval to", "Upper end of the 95 % interval."),
    "specific_correlation": Column(
        "specific", "Partial correlation with the response that all mechanisms share held constant."
    ),
    "p_value": Column("p", "Of the test, before correction for many tests."),
    "q_value": Column("q", f"False discovery rate: {_FDR}."),
    "edge_support": Column(
        "found again",
        "Share of resamples without a fifth of each class's held-out compounds in "
        "which the pair is found again (by the same models).",
    ),
    "support": Column(
        "support",
        "Share of the models that each left a fold out which agree: that the pair is "
        "mutually nearest, the gene a marker, or (mean overlap) the class in this cluster.",
    ),
    "mutual_nearest": Column("mutually nearest", "Each is the other's most correlated class."),
    "outcome": Column(
        "known?",
        "found: known and beyond chance; missed: known, not beyond chance; new: beyond "
        "chance, not known.",
    ),
    "shared_targets": Column("shared targets", "Drug targets that both classes have."),
    "gene": Column("gene", "Symbol."),
    "gene_id": Column("gene id", "Entrez id, or the id in the data."),
    "contribution": Column(
        "contribution",
        "By how much the score of the first class, less the mean of all classes', falls without "
        "the gene: above 0 it speaks for the class, below 0 against it.",
    ),
    "call": Column("call", "marker: q up to the threshold above. Otherwise no more than a rank."),
    "score": Column(
        "score",
        "The model's own number by which it ranks: of a gene, the contrast of "
        "the decoded class with the mean of the others; of a class, its score.",
    ),
    "direction": Column("direction", "Whether the class moves the gene up or down."),
    "effect": Column(
        "effect (d)", "Cohen's d of the class's compounds against all others, on the data."
    ),
    "profile": Column("profile", "Decoded expression of the class; drawn precision, four digits."),
    "reach": Column(
        "reach",
        "z-score that a pair as alike as a class is to itself would have; median over classes.",
    ),
    "in_reach": Column(
        "classes in reach",
        "Those of which a pair half as alike as the class is to itself is likely to be found.",
    ),
    "warning": Column("warning", "Where a missing edge says little."),
    "n_classes": Column("classes tested", "Those with held-out compounds."),
    "cluster": Column("cluster", "Of Ward's tree of the standardised codes."),
    "cluster_support": Column(
        "cluster support",
        "Mean best overlap of the whole cluster over the models that left a fold out.",
    ),
    "leiden": Column("Leiden", "Community by Leiden's algorithm on positive correlations."),
    "leiden_support": Column("Leiden support", "As support, for the Leiden community."),
    "leiden_cluster_support": Column("Leiden cluster support", "As cluster support."),
    "shared_response": Column(
        "shared response", "Loading of the class on what all have in common, 0 to 1."
    ),
    "nearest_of": Column("nearest of", "Classes whose most correlated class this is."),
    "nearest_of_specific": Column(
        "nearest of (specific)", "The same with the shared response held constant."
    ),
    "hub": Column("hub", "Nearest of more classes than chance explains (q up to 0.05)."),
    "edges": Column("pairs", "Pairs beyond chance (q up to 0.05)."),
    "sig_id": Column("signature", "Its id in the data."),
    "pert_id": Column("pert_id", "Id of the compound or other perturbagen."),
    "pert_iname": Column("name", "Name of the compound."),
    "cell_id": Column("cell line", "In which it was measured."),
    "pert_idose": Column("dose", "Of the compound."),
    "pert_itime": Column("time", "From treatment to measurement."),
    "fold": Column("fold", "The part of the compounds that was held out together."),
    "seed": Column("seed", "Of the training."),
    "rank": Column("rank", "1 is first. In held-out tables no model saw the compound."),
    "true_rank": Column(
        "rank of true class",
        "Median over seeds; by models that never saw the compound. 1 is right.",
    ),
    "true_class": Column("true class", "Label of the compound."),
    "predicted_class": Column("predicted class", "By models that never saw the compound."),
    "probability": Column(
        "probability",
        "Of the class, calibrated on training compounds that were left out. Where no compound "
        "could be left out a softmax of scores, which ranks only.",
    ),
    "micro_rank": Column(
        "rank, signatures alike", "Of the true class, if each signature counts alike."
    ),
    "macro_rank": Column("rank, classes alike", "Of the true class, if every class counts alike."),
    "listed_rank": Column("rank, any listed", "Of the first of the signature's listed classes."),
    "strength": Column(
        "strength", "Activity score (TAS) where the data have it, else length of the signature."
    ),
    "third": Column("third", "Of the held-out signatures, by strength."),
    "strength_low": Column("from", "Least strength of the third."),
    "strength_high": Column("to", "Largest strength of the third."),
    "confidence": Column("confidence", "Probability of the first class."),
    "novelty": Column(
        "novelty",
        "Near 1: no class fits as clearly as classes fit known compounds. The section on "
        "calibration says whether it tells unknown classes on this data set.",
    ),
    "status": Column("status", "What became of the compound when labels were looked up."),
    "joined_by": Column("found by", "The key by which the label was found."),
    "candidates": Column("candidates", "Labels that were found and not used."),
    "similarity": Column("similarity", "Cosine of the mean signatures, all genes."),
    "nearest_pert_id": Column("pert_id", "Of the neighbour, a compound of the training data."),
    "nearest_pert_iname": Column("name", "Of the neighbour, a compound of the training data."),
    "nearest_class": Column("class", "Of the neighbour, a compound of the training data."),
    "nearest_cell_id": Column("cell line", "Of the neighbour's most similar signature."),
    "nearest_pert_idose": Column("dose", "Of the neighbour's most similar signature."),
    "nearest_pert_itime": Column("time", "Of the neighbour's most similar signature."),
    "same_class": Column("same class", "Whether the neighbour is of the compound's own class."),
    "named_by": Column(
        "named by", "Signatures of the compound that have the neighbour among their five nearest."
    ),
    "times": Column("times", "Held-out signatures (over seeds) for which the class came first."),
    "share": Column("share", "Of all held-out signatures (over seeds) of the class or compound."),
    "mean_probability": Column(
        "mean probability",
        "Over the signatures and seeds in which the class is among those listed.",
    ),
    "condition": Column("where", "Cell line, dose and time."),
    "ece": Column("calibration error", f"Expected calibration error, ten bins; {_CI}."),
    "auroc": Column("AUROC", "0.5 is chance, 1 perfect separation; with its own 95 % interval."),
    "average_precision": Column(
        "average precision", "Chance is the share of related pairs; with its own 95 % interval."
    ),
    "measure": Column("measure", "Which number ranks the pairs."),
    "n_pairs": Column("pairs", "Pairs of classes."),
    "n_related": Column("known pairs", "Pairs known to be related."),
    "step": Column("step", "Filters in the order in which they were applied."),
    "dropped": Column("dropped", "Signatures that this step dropped."),
    "signatures": Column("signatures", "Left after the step."),
    "perturbagens": Column("compounds", "Left after the step."),
    "classes": Column("classes", "Left after the step."),
    "gene_set": Column("gene set", "As it is called in the file of gene sets."),
    "method": Column(
        "method",
        "over_representation: overlap with the markers (Fisher); rank: along the whole contrast "
        "(GSEA). Of clusters: Ward's tree or Leiden's communities.",
    ),
    "genes": Column("genes", "Members of the set among the markers, or its leading edge."),
    "accuracy": Column("accuracy", f"Share that is right in the bin; {_CI}."),
    "bin": Column("bin", "Tenths of confidence."),
    "low": Column("from", "Lower end of the bin."),
    "high": Column("to", "Upper end of the bin."),
    "n": Column("n", "How many held-out signatures."),
    "quantity": Column("quantity", "What is measured."),
    "fold_min": Column("lowest fold", "Of the models that each left a fold out."),
    "fold_max": Column("highest fold", "Of the models that each left a fold out."),
    "query": Column("query", "The signature that was asked about."),
    "genes_used": Column("genes used", "Of the query, among those of the model."),
    "genes_of_model": Column("genes of the model", "How many there are."),
    "note": Column("note", "What is to be known of the query."),
    "fate": Column("what became of it", "Used, or why it was left out."),
    "setting": Column("setting", "Number of clusters asked for, or Leiden's resolution."),
    "n_clusters": Column("clusters", "How many there are."),
    "stability": Column(
        "stability", "Adjusted Rand index, mean over the models that each left a fold out."
    ),
    "silhouette": Column(
        "silhouette", "How much nearer classes are to their own cluster; up to 1."
    ),
    "chosen": Column("chosen", "Whether the clusters of this setting are those of the page."),
    "agreement": Column("agreement", "Adjusted Rand index between Ward's and Leiden's clusters."),
    "reconstruction_mse": Column(
        "reconstruction error", "Mean squared difference, made without the label."
    ),
    "class_profile_mse": Column(
        "profile error", "Mean squared difference to the decoded code of the true class."
    ),
    "compound": Column("compound", "What its several ids have in common."),
    "inchi_key": Column("InChIKey", "Key of the structure."),
    "by": Column("same by", "What says that the ids are one compound."),
    "dropped_perturbagens": Column("dropped compounds", "That this step dropped."),
    "dropped_classes": Column("dropped classes", "That this step dropped."),
    "name": Column("name", "Of the signature or class."),
    "kind": Column("kind", "A signature, or the code of a class."),
    "pc1": Column("across", "First principal component of the codes."),
    "pc2": Column("up", "Second principal component of the codes."),
    "space": Column("space", "Codes of the model, or the signatures themselves."),
    "percentile": Column("percentile", "Where the best target stands among all genes; 0 is first."),
    "chance": Column("chance", "What targets drawn at random reach."),
    "n_drugs": Column("drugs", "How many there are."),
    "n_target_sets": Column("sets of targets", "Drugs of the same targets count once."),
    "n_real": Column("real", "Held-out signatures in the comparison."),
    "n_simulated": Column("simulated", "Signatures that the model made."),
    "n_genes": Column("genes", "How many there are, among those measured."),
    "n_found": Column("found", "How many of them are among the markers or in the leading edge."),
    "n_targets": Column("targets", "Known ones among the genes."),
    "best_target": Column("best target", "The known target that ranks highest."),
    "best_rank": Column("its rank", "Among all genes; 1 is first."),
    "epoch": Column("epoch", "Passes over the training signatures."),
    "lr": Column("learning rate", "Of the optimiser."),
    "loss": Column("loss", "Sum of the terms of the objective, on training signatures."),
    "held_out_loss": Column("held-out loss", "The same on signatures kept out for early stopping."),
}
