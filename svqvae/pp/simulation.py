"""A LINCS-like data set with planted truth, in the files that real data comes in.

Every quantity that the workflow claims to find is planted here: mechanism groups of classes,
a profile per class, compounds that share it and add effects of their own, strength that
varies with compound, dose and cell line, nuisance programs that all signatures share,
compounds that do nothing and compounds without a label. On request there are knock-downs of the
compounds' targets too, and of other genes (:mod:`svqvae.pp.simulated_knockdowns`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError, did_you_mean
from svqvae.io.atomic import write_table
from svqvae.io.gctx import write_gctx
from svqvae.io.h5ad import write_anndata
from svqvae.pp.simulated_knockdowns import simulate_knockdowns
from svqvae.pp.simulated_programs import programs

if TYPE_CHECKING:
    from anndata import AnnData

#: Files written by :func:`write_simulated`, in the names of a GEO series.
SIGNATURES, SIG_INFO, GENE_INFO = "signatures.gctx", "sig_info.txt", "gene_info.txt"
PERT_INFO, TRUTH = "pert_info.txt", "truth.h5ad"

_CELLS = ("A375", "HA1E", "HELA", "HT29", "MCF7", "PC3", "YAPC", "VCAP")


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Sizes and strengths of a simulated set; the defaults make the default run.

    ``group_share`` is the share of a class profile's variance that its mechanism group owns,
    ``off_target`` the size of a compound's own effect relative to its class profile,
    ``nuisance`` that of the shared programs, ``strength`` the RMS z-score (over affected
    genes and the rest alike) of a full-dose signature before noise of SD 1; ``hairpins`` how many
    knock down each gene.
    """

    seed: int = 0
    groups: int = 6
    classes_per_group: int = 3
    compounds_per_class: int = 6
    cell_lines: int = 3
    doses: int = 3
    landmark_genes: int = 978
    inferred_genes: int = 100
    group_share: float = 0.5
    off_target: float = 0.7
    nuisance: float = 1.2
    strength: float = 0.6
    inactive_share: float = 0.15
    unlabelled_compounds: int = 20
    hairpins: int = 0

    def __post_init__(self) -> None:
        problems = []
        for name in ("groups", "classes_per_group", "compounds_per_class", "doses"):
            if getattr(self, name) < 1:
                problems.append(f"simulation.{name} is {getattr(self, name)}, expected >= 1")
        if not 1 <= self.cell_lines <= len(_CELLS):
            problems.append(f"simulation.cell_lines is {self.cell_lines}, expected 1-{len(_CELLS)}")
        for name in ("group_share", "inactive_share"):
            if not 0 <= getattr(self, name) <= 1:
                problems.append(f"simulation.{name} is {getattr(self, name)}, expected 0-1")
        if problems:
            raise SvqvaeError(problems)

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Simulation:
        """Build from a mapping; names that do not exist are listed with their nearest match."""
        names = [f.name for f in fields(cls)]
        problems = [
            f"simulation has no setting '{k}'{did_you_mean(k, names)}"
            for k in settings
            if k not in names
        ]
        if problems:
            raise SvqvaeError(problems)
        return cls(**settings)


def simulate_dataset(sim: Simulation) -> tuple[AnnData, pd.DataFrame, AnnData]:
    """Draw signatures with planted mechanisms.

    Returns
    -------
    signatures
        Signatures x genes z-scores with the GEO columns of a LINCS series.
    perturbagens
        pert_id, pert_iname, moa (missing for unlabelled compounds), planted class and
        potency (0 for inactive compounds); with hairpins the target of each class.
    truth
        Classes x genes planted profiles (landmark and inferred), ``obs["group"]``.

    Examples
    --------
    >>> sim = Simulation(groups=2, classes_per_group=2, landmark_genes=50, inferred_genes=0)
    >>> signatures, perturbagens, truth = simulate_dataset(sim)
    >>> truth.shape, signatures.n_vars
    ((4, 50), 50)
    """
    import anndata as ad

    rng = np.random.default_rng(sim.seed)
    n_genes = sim.landmark_genes + sim.inferred_genes
    n_classes = sim.groups * sim.classes_per_group
    group = np.repeat(np.arange(sim.groups), sim.classes_per_group)

    share = np.sqrt(sim.group_share)
    profiles = share * programs(rng, sim.groups, n_genes)[group]
    profiles += np.sqrt(1 - sim.group_share) * programs(rng, n_classes, n_genes)
    group_names = [_letters(g) for g in group.tolist()]
    names = [f"mechanism {g}{1 + i % sim.classes_per_group}" for i, g in enumerate(group_names)]

    # Compounds: labelled ones class by class, then unlabelled ones of random classes.
    labelled = np.repeat(np.arange(n_classes), sim.compounds_per_class)
    klass = np.r_[labelled, rng.integers(n_classes, size=sim.unlabelled_compounds)]
    n_compounds = len(klass)
    potency = rng.lognormal(0, 0.4, n_compounds)
    potency[rng.random(n_compounds) < sim.inactive_share] = 0
    off_target = sim.off_target * programs(rng, n_compounds, n_genes)
    perts = pd.DataFrame(
        {
            keys.PERT_ID: [f"BRD-S{i:08d}" for i in range(n_compounds)],
            keys.PERT_NAME: [f"compound-{i}" for i in range(n_compounds)],
            "moa": [names[k] if i < len(labelled) else None for i, k in enumerate(klass)],
            "planted_class": [names[k] for k in klass],
            "planted_potency": potency,
        }
    )

    # Signatures: every compound in every cell line at every dose.
    c, cell, dose = (
        a.ravel()
        for a in np.meshgrid(
            np.arange(n_compounds), np.arange(sim.cell_lines), np.arange(sim.doses), indexing="ij"
        )
    )
    half = (sim.doses - 1) / 2
    response = 1 / (1 + np.exp(-1.5 * (dose - half + rng.normal(0, 0.5, n_compounds)[c])))
    sensitivity = rng.lognormal(0, 0.3, (n_classes, sim.cell_lines))[klass[c], cell]
    strength = sim.strength * potency[c] * response * sensitivity
    # Stress follows strength, whatever the mechanism: all classes come out alike by it. The
    # cell line's own program and proliferation do not depend on it.
    stress, growth = programs(rng, 2, n_genes)
    lines = programs(rng, sim.cell_lines, n_genes)
    x = strength[:, None] * (profiles[klass[c]] + off_target[c])
    x += sim.nuisance * (strength * rng.lognormal(-0.2, 0.5, len(c)))[:, None] * stress
    x += 0.3 * sim.nuisance * rng.standard_normal((len(c), 1)) * growth
    x += 0.3 * sim.nuisance * rng.lognormal(-0.2, 0.5, (len(c), 1)) * lines[cell]
    noise = rng.standard_t(5, (len(c), n_genes)) / np.sqrt(5 / 3)
    x = (x + noise).astype(np.float32)

    micromolar = 10.0 / 10.0 ** (sim.doses - 1 - dose)
    dose_text = pd.Series(micromolar).map("{:g}".format)
    obs = pd.DataFrame(
        {
            keys.PERT_ID: perts[keys.PERT_ID].to_numpy()[c],
            keys.PERT_NAME: perts[keys.PERT_NAME].to_numpy()[c],
            keys.PERT_TYPE: "trt_cp",
            keys.CELL_ID: np.array(_CELLS)[cell],
            "pert_idose": (dose_text + " um").to_numpy(),
            "pert_itime": "24 h",
        }
    )
    obs.index = pd.Index(
        "SIM001_" + obs[keys.CELL_ID] + "_24H:" + obs[keys.PERT_ID] + ":" + dose_text
    )
    var = pd.DataFrame(
        {
            keys.GENE_SYMBOL: [f"SIM{i:04d}" for i in range(n_genes)],
            keys.IS_LANDMARK: (np.arange(n_genes) < sim.landmark_genes).astype(int),
        },
        index=[str(100_000 + i) for i in range(n_genes)],
    )
    truth = ad.AnnData(
        profiles.astype(np.float32),
        obs=pd.DataFrame({keys.GROUP: [f"group {g}" for g in group_names]}, index=names),
        var=var,
    )
    signatures = ad.AnnData(x, obs=obs, var=var)
    if sim.hairpins:
        background = np.vstack([stress[None], growth[None], lines])
        knockdowns = simulate_knockdowns(
            profiles,
            background,
            var,
            cells=_CELLS[: sim.cell_lines],
            hairpins=sim.hairpins,
            strength=sim.strength,
            nuisance=sim.nuisance,
            seed=sim.seed,
        )
        signatures = ad.concat([signatures, knockdowns], merge="same")
        gene_of = dict(zip(names, var[keys.GENE_SYMBOL], strict=False))
        perts[keys.TARGET] = perts["planted_class"].map(gene_of)
        hairpins = knockdowns.obs[[keys.PERT_ID, keys.PERT_NAME]].drop_duplicates()
        perts = pd.concat([perts, hairpins], ignore_index=True)
    return signatures, perts, truth


def _letters(n: int) -> str:
    """Return A to Z, then AA, AB and so on."""
    return (_letters(n // 26 - 1) if n >= 26 else "") + chr(65 + n % 26)


def write_simulated(folder: str | Path, sim: Simulation) -> None:
    """Write a simulated set as GCTX, GEO-style tables and the planted truth."""
    folder = Path(folder)
    signatures, perts, truth = simulate_dataset(sim)
    no_metadata = signatures.obs.iloc[:, :0], signatures.var.iloc[:, :0]
    write_gctx(folder / SIGNATURES, np.asarray(signatures.X), *no_metadata)
    write_table(signatures.obs.rename_axis(keys.SIG_ID).reset_index(), folder / SIG_INFO)
    write_table(signatures.var.rename_axis(keys.GENE_ID).reset_index(), folder / GENE_INFO)
    write_table(perts.fillna({"moa": keys.LINCS_NULL}), folder / PERT_INFO)
    write_anndata(folder / TRUTH, truth)
