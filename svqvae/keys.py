"""Names of AnnData keys and table columns, each spelled once."""

# Columns of LINCS metadata (GEO dialect; svqvae.pp.vocabulary translates the others into it).
SIG_ID = "sig_id"
PERT_ID = "pert_id"
PERT_NAME = "pert_iname"
PERT_TYPE = "pert_type"
CELL_ID = "cell_id"
GENE_ID = "pr_gene_id"
GENE_SYMBOL = "pr_gene_symbol"
GENE_TITLE = "pr_gene_title"
IS_LANDMARK = "pr_is_lm"
IS_BING = "pr_is_bing"
INCHI_KEY = "inchi_key"
SMILES = "canonical_smiles"
#: Nominal dose and time as text, with the unit ("10 um", "24 h").
DOSE_TEXT = "pert_idose"
TIME_TEXT = "pert_itime"
DOSE, DOSE_UNIT = "pert_dose", "pert_dose_unit"
TIME, TIME_UNIT = "pert_time", "pert_time_unit"
#: Replicate correlation (75th percentile) and rank of self-connection, which define gold.
CC_Q75 = "distil_cc_q75"
RANK_Q25 = "pct_self_rank_q25"
IS_GOLD = "is_gold"
N_SAMPLE = "distil_nsample"
#: Ids of the replicates; strength, number of genes that change, and activity of a signature.
DISTIL_ID = "distil_id"
STRENGTH, N_CHANGED, ACTIVITY = "distil_ss", "ss_ngene", "tas"
IS_EXEMPLAR = "is_exemplar"
#: Null value of LINCS metadata tables, as it is written; svqvae.io.missing says how it is read.
LINCS_NULL = "-666"
#: Between several values in one field of a LINCS table.
SEPARATOR = "|"

# Columns that we derive: dose in micromolar, time in hours.
DOSE_UM = "pert_dose_um"
TIME_H = "pert_time_h"

# Columns of `obs` in signatures.h5ad.
CLASS = "class"
#: All labels listed of a signature, the class first, joined with SEPARATOR.
LISTED = "listed_classes"
FOLD = "fold"
#: Of a training; with the fold, in tables of held-out scores.
SEED = "seed"
#: Known molecular targets, joined with SEPARATOR.
TARGET = "target"
#: Perturbagens that are one compound under several ids share this value.
COMPOUND = "compound"
#: Value of ``obs[FOLD]`` for a signature that is trained on in every fold.
ALWAYS_TRAIN = -1
#: Value of ``obs[FOLD]`` for a signature of a predefined test set, never trained on.
TEST = -2
#: How that test set is called where folds are numbered.
TEST_FOLD = "test"

# Columns of labels.tsv and duplicates.tsv.
STATUS = "status"
JOINED_BY = "joined_by"
CANDIDATES = "candidates"
LINKED_BY = "by"

# Columns of `obs` in classes.h5ad and of the planted truth.
N_SIGNATURES = "n_signatures"
N_PERTURBAGENS = "n_perturbagens"
CLUSTER = "cluster"
SUPPORT = "support"
GROUP = "group"

X_LATENT = "X_svqvae"
X_CODE = "X_code"
#: ``uns[UNS]`` holds our parameters, under the names below.
UNS = "svqvae"
CLIP = "clip"
FILTERS = "filters"
LABEL_REPORT = "labels"
DUPLICATES = "duplicates"
#: Column of ``obs`` whose values are held out as a whole.
GROUPED_BY = "group"
IMAGE_SHAPE = "image_shape"
#: ``uns`` of fold_classes.h5ad: fields of svqvae.tl.relations.similarity.HeldOutSimilarity.
HELD_OUT_SIMILARITY = "held_out_similarity"
