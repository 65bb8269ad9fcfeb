"""Names of AnnData keys and table columns, each spelled once."""

# Columns of LINCS metadata (GEO dialect).
SIG_ID = "sig_id"
PERT_ID = "pert_id"
PERT_NAME = "pert_iname"
PERT_TYPE = "pert_type"
CELL_ID = "cell_id"
GENE_ID = "pr_gene_id"
GENE_SYMBOL = "pr_gene_symbol"
IS_LANDMARK = "pr_is_lm"
IS_BING = "pr_is_bing"
#: Null value of LINCS metadata tables.
LINCS_NULL = "-666"

# Columns of `obs` in signatures.h5ad.
CLASS = "class"
FOLD = "fold"
#: Value of ``obs[FOLD]`` for a signature that is trained on in every fold.
ALWAYS_TRAIN = -1
#: Value of ``obs[FOLD]`` for a signature of a predefined test set, never trained on.
TEST = -2
#: How that test set is called where folds are numbered.
TEST_FOLD = "test"

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
#: Column of ``obs`` whose values are held out as a whole.
GROUPED_BY = "group"
IMAGE_SHAPE = "image_shape"
