"""Names of AnnData keys and table columns, each spelled once."""

SIG_ID = "sig_id"
PERT_ID = "pert_id"
PERT_NAME = "pert_iname"
PERT_TYPE = "pert_type"
CELL_ID = "cell_id"
GENE_ID = "pr_gene_id"
GENE_SYMBOL = "pr_gene_symbol"
IS_LANDMARK = "pr_is_lm"

CLASS = "class"
FOLD = "fold"
#: Value of ``obs[FOLD]`` for a signature that is trained on in every fold.
ALWAYS_TRAIN = -1
CLUSTER = "cluster"
GROUP = "group"

X_LATENT = "X_svqvae"
X_CODE = "X_code"
UNS = "svqvae"

#: Null value of LINCS metadata tables.
LINCS_NULL = "-666"
