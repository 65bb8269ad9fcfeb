"""Look-alikes of the files of LINCS in their exact form: columns, ids, dialects; few signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from svqvae.io.gctx import write_gctx

PHASE2_LINES = ["A375", "HA1E", "HELA", "HT29", "MCF7", "PC3", "YAPC"]
KNOCKDOWN_LINES = ["A375", "A549", "HA1E", "HCC515", "HEPG2", "HT29", "MCF7", "PC3", "VCAP"]
#: Mechanism and targets of each compound; the last two have none.
MECHANISMS = ["CDK inhibitor"] * 6 + ["mTOR inhibitor|PI3K inhibitor"] * 6 + [None, None]
TARGETS = ["CDK1|CDK2"] * 6 + ["MTOR"] * 6 + [None, None]
NAMES = [f"compound-{i}" for i in range(13)] + ["MG-132"]
IDS = [f"BRD-K{i:08d}" for i in range(14)]
KEYS = [f"{'ABCDEFGHIJKLMN'[i] * 14}-UHFFFAOYSA-N" for i in range(14)]
#: Entrez ids and symbols; the last is inferred.
GENES = {"983": "CDK1", "1017": "CDK2", "2475": "MTOR", "5111": "PCNA"}


def write(path: Path, table: pd.DataFrame) -> None:
    table.to_csv(path, sep="\t", index=False, na_rep="-666")


def matrix(path: Path, ids: list[str], genes: list[str]) -> None:
    """Write a GCTX that holds ids and no more, as GEO's do."""
    x = np.random.default_rng(len(ids)).normal(size=(len(ids), len(genes))).astype(np.float32)
    write_gctx(path, x, pd.DataFrame(index=ids), pd.DataFrame(index=genes))


def phase2(folder: Path) -> None:
    """Write GSE70138: each compound once in each of eight lines."""
    at = [(i, cell) for i in range(14) for cell in [*PHASE2_LINES, "A549"]]
    ids = [f"LJP009_{cell}_24H:{chr(65 + i)}03" for i, cell in at]
    sig_info = {
        "sig_id": ids,
        "pert_id": [IDS[i] for i, _ in at],
        "pert_iname": [NAMES[i] for i, _ in at],
        "pert_type": "trt_cp",
        "cell_id": [cell for _, cell in at],
        "pert_idose": "10.0 um",
        "pert_itime": "24 h",
        "distil_id": "LJP009_X1|LJP009_X2",
    }
    write(folder / "sig_info.txt", pd.DataFrame(sig_info))
    metrics = {"sig_id": ids, "distil_cc_q75": 0.4, "pct_self_rank_q25": 1.5, "tas": 0.3}
    write(folder / "sig_metrics.txt", pd.DataFrame(metrics))
    gene_info = {
        "pr_gene_id": list(GENES),
        "pr_gene_symbol": list(GENES.values()),
        "pr_gene_title": "a gene",
        "pr_is_lm": [1, 1, 1, 0],
        "pr_is_bing": 1,
    }
    write(folder / "gene_info.txt", pd.DataFrame(gene_info))
    pert_info = {
        "pert_id": IDS,
        "canonical_smiles": "C",
        "inchi_key": KEYS,
        "pert_iname": NAMES,
        "pert_type": "trt_cp",
    }
    write(folder / "pert_info.txt", pd.DataFrame(pert_info))
    matrix(folder / "level5.gctx", ids, list(GENES))


def pcl(path: Path) -> None:
    """Write table S7 as a user saves it: the first compound is in no class, MG-132 is in one."""
    classes = ["CDK inhibitor"] * 6 + ["mTOR inhibitor"] * 6 + [None, "CDK inhibitor"]
    table = pd.DataFrame({"pert_id": IDS, "pert_iname": NAMES, "pcl": classes})
    table[1:].to_csv(path, sep="\t", index=False)


def hub(path: Path) -> None:
    """Write the Repurposing Hub: by Broad id with batch, one compound by key only, one by name."""
    broad = [f"{i}-001-01-1" for i in IDS]
    broad[0] = broad[1] = "BRD-K99999999-001-01-1"
    keys = ["ZZZZZZZZZZZZZZ-UHFFFAOYSA-N", *KEYS[1:]]
    table = {
        "broad_id": broad,
        "pert_iname": NAMES,
        "clinical_phase": "Launched",
        "moa": MECHANISMS,
        "target": TARGETS,
        "InChIKey": keys,
    }
    pd.DataFrame(table).to_csv(path, sep="\t", index=False)


def knockdown(folder: Path) -> None:
    """Write GSE106127: six hairpins of three genes and two of another, in ten lines."""
    hairpins = [(gene, i) for gene in list(GENES.values())[:3] for i in range(6)]
    hairpins += [("PCNA", 0), ("PCNA", 1)]
    at = [(gene, i, cell) for gene, i in hairpins for cell in [*KNOCKDOWN_LINES, "HEKTE"]]
    sig_info = {
        "sig_id": [f"DER001_{cell}_96H:{gene}:{i}" for gene, i, cell in at],
        "pert_id": [f"TRCN{hairpins.index((gene, i)):010d}" for gene, i, _ in at],
        "pert_iname": [gene for gene, _, _ in at],
        "pert_type": "trt_sh",
        "cell_id": [cell for _, _, cell in at],
        "pert_itime": "96 h",
    }
    write(folder / "sig_info.txt", pd.DataFrame(sig_info))
    measured = list(GENES)[:3]
    gene_info = {
        "pr_gene_id": measured,
        "pr_gene_symbol": [GENES[g] for g in measured],
        "pr_gene_title": "a gene",
        "pr_is_lm": 1,
        "pr_is_bing": 1,
    }
    write(folder / "gene_info.txt", pd.DataFrame(gene_info))
    matrix(folder / "level5.gctx", sig_info["sig_id"], measured)


def lincs2020(folder: Path) -> None:
    """Write the release of 2020: twelve signatures of each compound, the third active in nine.

    The first signature of each compound fails quality control, the last is weak.
    """
    at = [(i, n) for i in range(14) for n in range(12)]
    active = [0.1 if n == 11 or (i == 2 and n > 8) else 0.5 for i, n in at]
    siginfo = {
        "bead_batch": "b1",
        "nearest_dose": 10,
        "pert_dose": 10,
        "pert_dose_unit": "uM",
        "pert_idose": "10 uM",
        "pert_itime": "24 h",
        "pert_time": 24,
        "pert_time_unit": "h",
        "cc_q75": 0.3,
        "tas": active,
        "qc_pass": [int(n > 0) for _, n in at],
        "pert_id": [IDS[i] for i, _ in at],
        "sig_id": [f"REP.A001_A375_24H:{chr(65 + i)}{n:02d}" for i, n in at],
        "pert_type": "trt_cp",
        "cell_iname": [PHASE2_LINES[n % 7] for _, n in at],
        "cmap_name": [NAMES[i] for i, _ in at],
    }
    table = pd.DataFrame(siginfo)
    controls = table.head(3).assign(sig_id=["c1", "c2", "c3"], pert_id="DMSO", pert_type="ctl")
    write(folder / "siginfo_beta.txt", pd.concat([table, controls]))
    geneinfo = {
        "gene_id": list(GENES),
        "gene_symbol": list(GENES.values()),
        "ensembl_id": "ENSG00000000001",
        "gene_title": "a gene",
        "gene_type": "protein-coding",
        "src": "NCBI",
        "feature_space": ["landmark"] * 3 + ["best inferred"],
    }
    write(folder / "geneinfo_beta.txt", pd.DataFrame(geneinfo))
    compoundinfo(folder / "compoundinfo_beta.txt")
    matrix(folder / "level5.gctx", list(siginfo["sig_id"]), list(GENES))


def compoundinfo(path: Path) -> None:
    """Write the compounds of 2020: a row for each mechanism and target."""
    rows = [
        (IDS[i], NAMES[i], target, moa, "C", KEYS[i], None)
        for i in range(14)
        for moa in (MECHANISMS[i] or "-666").split("|")
        for target in (TARGETS[i] or "-666").split("|")
    ]
    columns = ["pert_id", "cmap_name", "target", "moa", "canonical_smiles", "inchi_key"]
    write(path, pd.DataFrame(rows, columns=[*columns, "compound_aliases"]))


#: What writes the files of a folder of resources.
WRITERS: dict[str, Callable[[Path], None]] = {
    "lincs_phase2": phase2,
    "lincs_knockdown": knockdown,
    "lincs2020": lincs2020,
    "l1000_consensus": lambda folder: hub(folder / "repurposing_info.tsv"),
}


def write_all(root: Path) -> None:
    """Write all files where the configurations expect them."""
    for name, writer in WRITERS.items():
        folder = root / "resources" / name
        folder.mkdir(parents=True)
        writer(folder)
    pcl(root / "resources/lincs_phase2/pcl.tsv")
