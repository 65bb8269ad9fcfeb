"""The mutations: where, what becomes what, and which unit tests should notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """``old``, which occurs once in ``file`` of the package, becomes ``new``."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutation:
    """A fault: the first of ``changes`` that a checkout has the code for."""

    name: str
    tests: tuple[str, ...]
    changes: tuple[Change, ...]


def _m(name: str, tests: tuple[str, ...], file: str, old: str, new: str, *more: Change) -> Mutation:
    return Mutation(name, tests, (Change(file, old, new), *more))


_GOLDEN = "models/test_golden.py"
_MODELS = (
    _GOLDEN,
    "models/test_models.py",
    "models/test_decision.py",
    "models/test_left_out.py",
    "models/baselines",
)
_NETS = (
    _GOLDEN,
    "models/nn",
    "models/test_svqvae.py",
    "models/test_svqvae_image.py",
    "models/test_decision.py",
)
_TRAIN = (
    _GOLDEN,
    "models/test_train.py",
    "models/test_checkpoint.py",
    "models/test_optimiser.py",
    "models/nn/test_networks.py",
)
_DONORS = (_GOLDEN, "models/test_donors.py")
_CALIBRATION = (_GOLDEN, "models/test_calibration.py")
_EVALUATE = (
    "tl/evaluation/test_resampling.py",
    "tl/evaluation/test_evaluate.py",
    "tl/evaluation/test_compare.py",
    "tl/evaluation/test_reliability.py",
)
_RELATIONS = (
    "tl/relations/test_shared.py",
    "tl/relations/test_relations.py",
    "tl/relations/test_significance.py",
    "tl/relations/test_pair_scores.py",
    "tl/relations/test_limits.py",
    "models/test_leaks.py",
)
_NOVELTY = ("tl/evaluation/test_novelty.py", "models/test_leaks.py")
_TARGETS = ("tl/genes/test_drug_targets.py", "pl", "models/test_leaks.py")
_SPLIT = ("data/test_split.py", "models/test_leaks.py")
_CLASSES = (
    "tl/genes/test_markers.py",
    "tl/relations/test_stability.py",
    "tl/relations/test_network.py",
)

MUTATIONS = [
    # -- headline behaviour
    _m(
        "reconstruct always decodes class 0",
        _MODELS,
        "models/svqvae.py",
        "self.in_blocks(of, x, self.first_class(x))",
        "self.in_blocks(of, x, 0 * self.first_class(x))",
    ),
    _m(
        "early stopping splits signatures",
        _MODELS + _TRAIN,
        "models/novelty.py",
        "assign_parts(self._compound, self._y, parts=_WATCHED",
        "assign_parts(np.arange(len(self._y)), self._y, parts=_WATCHED",
    ),
    _m(
        "edge support leaves nothing out",
        _RELATIONS,
        "tl/relations/significance.py",
        "kept[rng.choice(rows, n, replace=False)] = False",
        "kept[rng.choice(rows, n, replace=False)] = True",
    ),
    _m(
        "calibrated on compounds that were seen",
        _MODELS + _CALIBRATION,
        "models/calibrated.py",
        "self._x.subset(known), self._y[known]",
        "self._x, self._y",
    ),
    # -- ranking and base
    _m(
        "worst class first", _MODELS, "models/ranking.py", "np.argsort(-scores", "np.argsort(scores"
    ),
    _m(
        "ranks from 0", _MODELS, "models/ranking.py", "np.arange(1, kept + 1)", "np.arange(0, kept)"
    ),
    _m(
        "distance without the code's length",
        _MODELS,
        "models/base.py",
        " - (self.codes**2).sum(1)[None]",
        "",
    ),
    _m(
        "softmax over signatures",
        _MODELS,
        "models/calibrated.py",
        "softmax(scores, axis=1)",
        "softmax(scores, axis=0)",
    ),
    _m(
        "spread is a variance",
        _MODELS,
        "models/base.py",
        "np.sqrt(np.maximum(square - mean**2, 0))",
        "np.maximum(square - mean**2, 0)",
    ),
    _m(
        "new data is not clipped",
        _MODELS,
        "models/base.py",
        "self.var_names, clip=self.clip, trained_on",
        "self.var_names, clip=None, trained_on",
    ),
    _m(
        "the seed of simulations is ignored",
        _MODELS,
        "models/simulator.py",
        "np.random.default_rng(seed)",
        "np.random.default_rng(0)",
    ),
    _m(
        "signatures counted as compounds",
        _MODELS,
        "models/base.py",
        "by_class.nunique()",
        "by_class.count()",
    ),
    _m(
        "draws without the class's spread",
        _MODELS,
        "models/simulator.py",
        "noise * self.latent_sd[at]",
        "noise",
    ),
    # -- model
    _m(
        "watches nine tenths",
        _MODELS,
        "models/novelty.py",
        "return part == 0 if",
        "return part != 0 if",
    ),
    _m(
        "novelty upside down",
        _MODELS + _NOVELTY,
        "models/novelty.py",
        "return 1 - np.searchsorted",
        "return np.searchsorted",
    ),
    _m(
        "gap without the second class",
        _MODELS + _NOVELTY,
        "models/novelty.py",
        "return first - second",
        "return first",
    ),
    _m(
        "class sizes not centred",
        _MODELS,
        "models/calibrated.py",
        "self.n_signatures / self.n_signatures.mean()",
        "self.n_signatures",
    ),
    _m(
        "balance ignored",
        _MODELS,
        "models/calibrated.py",
        "balance=self.settings.balance",
        "balance=0.0",
    ),
    _m(
        "probabilities not calibrated",
        _MODELS,
        "models/calibrated.py",
        "return self.calibration.probabilities(scores)",
        "return np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum(1)[:, None]",
    ),
    _m(
        "calibration splits signatures",
        _MODELS,
        "models/calibrated.py",
        "assign_parts(self._compound, self._y, parts=PARTS",
        "assign_parts(np.arange(len(self._y)), self._y, parts=PARTS",
    ),
    _m(
        "ends exchanged",
        ("tl/evaluation/test_evaluate.py", "models/test_calibration.py"),
        "models/calibration.py",
        "return scores + micro, scores + macro",
        "return scores + macro, scores + micro",
    ),
    _m(
        "images calibrated on what was trained",
        _MODELS,
        "models/svqvae_image.py",
        "np.flatnonzero(watched)",
        "np.flatnonzero(~watched)",
    ),
    _m(
        "codes keep the watched out",
        _MODELS,
        "models/svqvae.py",
        "        if watched is not None:\n            self.solve(self._x, self._y)\n",
        "",
    ),
    _m(
        "solved on the watched too",
        _MODELS,
        "models/svqvae.py",
        "self.solve(self._x.subset(seen), self._y[seen])",
        "self.solve(self._x, self._y)",
    ),
    # -- training
    _m(
        "the watched are trained on",
        _TRAIN,
        "models/training.py",
        "else np.flatnonzero(~held_out)",
        "else np.arange(len(x))",
    ),
    _m(
        "the worst epoch is kept",
        _TRAIN,
        "models/training.py",
        "if loss < self.best_loss:",
        "if loss > self.best_loss or self.best is None:",
    ),
    _m("patience one too many", _TRAIN, "models/training.py", ">= patience", "> patience"),
    _m(
        "the last epoch is kept",
        _TRAIN,
        "models/training.py",
        "self.module.load_state_dict(self.best)",
        "pass",
    ),
    _m(
        "the order of batches ignores the seed",
        _TRAIN + _MODELS,
        "models/training.py",
        "torch.Generator().manual_seed(seed)",
        "torch.Generator().manual_seed(0)",
    ),
    _m(
        "judged in training mode",
        _TRAIN + _NETS,
        "models/training.py",
        "    model.net.eval()\n    with torch.random.fork_rng",
        "    model.net.train()\n    with torch.random.fork_rng",
    ),
    _m(
        "the judge disturbs the noise",
        _TRAIN,
        "models/training.py",
        '"mps" if batches.device.type == "mps" else "cuda"):'
        "\n        torch.manual_seed(_HELD_OUT_SEED)\n",
        '"cuda", enabled=False):\n        torch.manual_seed(_HELD_OUT_SEED)\n',
    ),
    _m("the schedule rises", _TRAIN, "models/training.py", "(1 + math.cos(", "(1 - math.cos("),
    _m(
        "gradients add up",
        _TRAIN,
        "models/training.py",
        "        state.optimiser.forget_gradients()\n",
        "",
    ),
    _m("Adam without amsgrad", _TRAIN, "models/optimiser.py", "amsgrad=True", "amsgrad=False"),
    _m(
        "a loss without its last term",
        _TRAIN + _NETS,
        "models/training.py",
        "torch.stack(list(terms.values())).sum()",
        "torch.stack(list(terms.values())[:-1]).sum()",
    ),
    # -- calibration
    _m(
        "the prior subtracted",
        _CALIBRATION,
        "models/calibration.py",
        "np.exp(self.log_scale) + self.prior",
        "np.exp(self.log_scale) - self.prior",
    ),
    _m(
        "margin over the least",
        _CALIBRATION,
        "models/calibration.py",
        "scores.max(1) - scores.mean(1)",
        "scores.max(1) - scores.min(1)",
    ),
    _m(
        "weights of large classes",
        _CALIBRATION,
        "models/calibration.py",
        "np.exp(-balance * log_size)",
        "np.exp(balance * log_size)",
    ),
    _m(
        "ends of one balance",
        _CALIBRATION,
        "models/calibration.py",
        "label, log_size, balance=end)",
        "label, log_size, balance=balance)",
    ),
    _m(
        "evidence in its own unit",
        _CALIBRATION,
        "models/calibration.py",
        "unit = evidence / spread",
        "unit, spread = evidence, 1.0",
    ),
    _m(
        "one sharpness for all",
        _CALIBRATION,
        "models/calibration.py",
        "log_sharpness + power * (",
        "log_sharpness + 0 * (",
    ),
    # -- donors
    _m(
        "donors of the class itself",
        _DONORS,
        "models/donors.py",
        "(self.label != of_class) &",
        "(self.label == of_class) &",
    ),
    _m(
        "the class swapped at mean strength",
        _DONORS,
        "models/donors.py",
        "+ relative * swap",
        "+ swap",
    ),
    _m(
        "rare classes believed",
        _DONORS,
        "models/donors.py",
        "(n / (n + _BELIEF))[:, None]",
        "np.ones((len(n), 1))",
    ),
    _m(
        "donors in no order of strength",
        _DONORS,
        "models/donors.py",
        'others[np.argsort(length[others], kind="stable")]',
        "others[:]",
    ),
    _m(
        "strength not reached",
        _DONORS,
        "models/donors.py",
        "drawn *= (wanted / length[donor])[:, None]",
        "pass",
    ),
    _m(
        "cell lines ignored",
        _DONORS,
        "models/donors.py",
        "& self._of_cell(cell))",
        "& self._of_cell(None))",
    ),
    # -- networks
    _m(
        "strength does not reach the decoder",
        _NETS,
        "models/svqvae.py",
        "strength * self.net.of_code(code) + self",
        "self.net.of_code(code) + self",
    ),
    _m(
        "temperature the wrong way",
        _NETS,
        "models/svqvae.py",
        "found = z @ F.normalize(self.net.codebook).T / self",
        "found = z @ F.normalize(self.net.codebook).T * self",
    ),
    _m(
        "kernel sum in place of mean",
        _NETS,
        "models/svqvae.py",
        "(member / member.sum(0))",
        "member",
    ),
    _m(
        "codes not of unit length",
        _NETS,
        "models/svqvae.py",
        "F.normalize(sums / counts[:, None])",
        "sums / counts[:, None]",
    ),
    _m(
        "no residual in use",
        _NETS,
        "models/svqvae.py",
        "self.compose(code, self.residual(rows)[0], self",
        "self.compose(code, 0 * self.residual(rows)[0], self",
    ),
    _m(
        "code alone not trained",
        _NETS,
        "models/svqvae.py",
        '"class_profile": F.mse_loss(alone, x)',
        '"class_profile": 0 * F.mse_loss(alone, x)',
    ),
    _m(
        "latents not of unit length",
        _NETS,
        "models/svqvae.py",
        "return F.normalize(self._squashed(x) @ self.net.whitening)",
        "return self._squashed(x) @ self.net.whitening",
    ),
    _m(
        "no squash",
        _NETS,
        "models/svqvae.py",
        "(x / self.settings.squash).tanh()",
        "(x / self.settings.squash)",
    ),
    _m(
        "the farthest code",
        _NETS,
        "models/nn/losses.py",
        "of_z.detach().argmin(1)",
        "of_z.detach().argmax(1)",
    ),
    _m("divergence negative", _NETS, "models/nn/losses.py", "return -0.5 *", "return 0.5 *"),
    _m(
        "attracted by the wrong code",
        _NETS,
        "models/nn/losses.py",
        '"repulsion": -(wrong',
        '"repulsion": (wrong',
    ),
    _m(
        "noise without spread",
        _NETS,
        "models/nn/losses.py",
        "(0.5 * log_var).exp()",
        "log_var.exp()",
    ),
    _m(
        "shrunk the wrong way",
        (*_NETS, "models/baselines"),
        "models/whitening.py",
        "(1 - shrinkage) * within + shrinkage * target",
        "shrinkage * within + (1 - shrinkage) * target",
    ),
    _m(
        "covariance about zero",
        (*_NETS, "models/baselines"),
        "models/whitening.py",
        "square - sums.T @ (sums / counts[:, None])",
        "square",
    ),
    # -- tl: scores
    _m(
        "scored on what was trained on",
        _EVALUATE,
        "tl/evaluation/evaluate.py",
        "adata[held_out_rows(adata.obs, fold)]",
        "adata[~held_out_rows(adata.obs, fold)]",
    ),
    _m(
        "true ranks from 0",
        _EVALUATE,
        "tl/evaluation/evaluate.py",
        "found.argmax(1) + 1",
        "found.argmax(1)",
    ),
    _m(
        "six predictions kept",
        _EVALUATE,
        "tl/evaluation/evaluate.py",
        "np.arange(order.shape[1]) < TOP",
        "np.arange(order.shape[1]) <= TOP",
    ),
    _m(
        "scored unclipped",
        _EVALUATE,
        "tl/evaluation/evaluate.py",
        "seen = x if model.clip is None else np.clip(x, -model.clip, model.clip)",
        "seen = x",
    ),
    _m(
        "four of five",
        _EVALUATE,
        "tl/evaluation/metrics.py",
        "(_rank(scores) <= 5)",
        "(_rank(scores) < 5)",
    ),
    _m(
        "balanced over signatures",
        _EVALUATE,
        "tl/evaluation/compare.py",
        "(weights * value) @ one_hot / per_class, axis=1)",
        "(weights * value) @ one_hot / (weights @ n)[:, None], axis=1)",
    ),
    _m(
        "the reference minus the model",
        _EVALUATE,
        "tl/evaluation/compare.py",
        "metrics[metric] - drawn[reference][metric]",
        "drawn[reference][metric] - metrics[metric]",
    ),
    _m(
        "higher errors are better",
        _EVALUATE,
        "tl/evaluation/compare.py",
        "-difference if METRICS[metric].lower_is_better else difference",
        "difference",
    ),
    _m(
        "an interval of one side",
        _EVALUATE,
        "tl/evaluation/resampling.py",
        "[(1 - level) / 2, (1 + level) / 2]",
        "[1 - level, level]",
    ),
    _m(
        "bootstrap ignores its seed",
        _EVALUATE,
        "tl/evaluation/resampling.py",
        "np.random.default_rng(seed)",
        "np.random.default_rng(0)",
    ),
    _m(
        "errors of calibration cancel",
        _EVALUATE,
        "tl/evaluation/reliability.py",
        "np.abs(correct - confident).sum(1)",
        "(correct - confident).sum(1)",
    ),
    # -- tl: relations
    _m(
        "similarity of what was trained on",
        _RELATIONS,
        "tl/relations/similarity.py",
        "adata[held_out_rows(adata.obs, fold)]",
        "adata[~held_out_rows(adata.obs, fold)]",
    ),
    _m(
        "similarity a sum",
        _RELATIONS,
        "tl/relations/similarity.py",
        "sums / np.bincount(compound)[:, None]",
        "sums",
    ),
    _m(
        "p-values may be 0",
        _RELATIONS,
        "tl/relations/significance.py",
        "(1 + above) / (1 + len(drawn))",
        "above / len(drawn)",
    ),
    _m(
        "labels permuted across folds",
        _RELATIONS,
        "tl/relations/significance.py",
        "permuted[rows] = rng.permutation(rows)",
        "permuted = rng.permutation(permuted)",
    ),
    _m(
        "support of what is not found",
        _RELATIONS,
        "tl/relations/significance.py",
        "chance.p_values(pair_z(part))) <= FDR",
        "chance.p_values(pair_z(part))) > FDR",
    ),
    _m(
        "directions cancel",
        _RELATIONS,
        "tl/relations/pair_scores.py",
        "np.asarray((z + z.T) /",
        "np.asarray((z - z.T) /",
    ),
    _m(
        "the shared response stays",
        _RELATIONS,
        "tl/relations/pair_scores.py",
        "return np.asarray(value - term)",
        "return value",
    ),
    _m(
        "one compound makes a relation",
        _RELATIONS,
        "tl/relations/pair_scores.py",
        "np.clip(deviation / np.maximum(spread, _TINY), -_CUT, _CUT)",
        "deviation / np.maximum(spread, _TINY)",
    ),
    _m(
        "no warning where classes are out of reach",
        _RELATIONS,
        "tl/relations/limits.py",
        "if 2 * in_reach < n_classes:",
        "if 2 * in_reach > n_classes:",
    ),
    _m(
        "reach of other classes",
        _RELATIONS,
        "tl/relations/pair_scores.py",
        "np.where(held_out.member, scores, 0)",
        "np.where(other, scores, 0)",
    ),
    _m(
        "nearest one way",
        _RELATIONS,
        "tl/relations/relations.py",
        "return nearest & nearest.T",
        "return nearest | nearest.T",
    ),
    _m(
        "weakest relation first",
        _RELATIONS,
        "tl/relations/relations.py",
        'sort_values("correlation", ascending=False',
        'sort_values("correlation", ascending=True',
    ),
    _m(
        "partial correlation not scaled",
        _RELATIONS,
        "tl/relations/shared.py",
        "(correlation - np.outer(loading, loading)) / np.outer(own, own)",
        "correlation - np.outer(loading, loading)",
    ),
    # -- tl: novelty, drug targets, classes
    _m(
        "nothing is unknown",
        _NOVELTY,
        "tl/evaluation/novelty.py",
        "training_rows(adata.obs, fold) & ~is_unknown",
        "training_rows(adata.obs, fold)",
    ),
    _m(
        "novelty of what was trained on",
        _NOVELTY,
        "tl/evaluation/novelty.py",
        "training_rows(adata.obs, fold) & ~is_unknown",
        "~is_unknown",
    ),
    _m(
        "the least similar gene first",
        _TARGETS,
        "tl/genes/gene_ranks.py",
        "rankdata(-similarity",
        "rankdata(similarity",
    ),
    _m(
        "drugs by models that saw them",
        _TARGETS,
        "tl/genes/gene_ranks.py",
        "drugs[held_out_rows(drugs.obs, fold)]",
        "drugs[~held_out_rows(drugs.obs, fold)]",
    ),
    _m(
        "as bad a rank",
        _TARGETS,
        "tl/genes/drug_targets.py",
        "(1 + (chance <= best).sum())",
        "(1 + (chance >= best).sum())",
    ),
    _m(
        "the worst target",
        _TARGETS,
        "tl/genes/drug_targets.py",
        "best = at[mine.index].min()",
        "best = at[mine.index].max()",
    ),
    _m(
        "chance of the mean drug",
        _TARGETS,
        "pl/targets.py",
        "hypergeom.sf(0, n_genes, n_targets, first)",
        "hypergeom.sf(0, n_genes, np.full_like(n_targets, n_targets.mean()), first)",
    ),
    _m(
        "contrast with itself",
        _CLASSES,
        "tl/genes/markers.py",
        "(profiles.sum(0) - profiles) / (len(profiles) - 1)",
        "profiles.sum(0) / len(profiles)",
    ),
    _m(
        "weakest markers",
        _CLASSES,
        "tl/genes/markers.py",
        "np.argsort(-np.abs(score), axis=1",
        "np.argsort(np.abs(score), axis=1",
    ),
    _m(
        "markers of one sign",
        _CLASSES,
        "tl/genes/markers.py",
        "np.argsort(-np.abs(score), axis=1",
        "np.argsort(-score, axis=1",
    ),
    _m(
        "edges beyond the rate",
        _CLASSES,
        "tl/relations/network.py",
        'relations["q_value"] <= FDR]',
        'relations["q_value"] >= FDR]',
    ),
    # -- pp
    _m(
        "a fold trains on itself alone",
        _SPLIT,
        "data/split.py",
        "(obs[keys.FOLD] != int(fold))",
        "(obs[keys.FOLD] == int(fold))",
    ),
    _m(
        "the test set is trained on",
        _SPLIT,
        "data/split.py",
        "known = (obs[keys.FOLD] != keys.TEST).to_numpy()",
        "known = (obs[keys.FOLD] != 99).to_numpy()",
    ),
    _m(
        "small classes refused one early",
        _SPLIT,
        "data/split.py",
        "small = counts[counts < folds]",
        "small = counts[counts <= folds]",
    ),
    _m(
        "folds by size before class",
        _SPLIT,
        "data/split.py",
        "np.lexsort((np.arange(folds), size, load))",
        "np.lexsort((np.arange(folds), load, size))",
    ),
    _m(
        "the split ignores its seed",
        _SPLIT,
        "data/split.py",
        "shuffled = distinct.sample(frac=1, random_state=np.random.RandomState(seed))",
        "shuffled = distinct.sample(frac=1, random_state=np.random.RandomState(0))",
    ),
    _m(
        "a class left with nothing",
        _SPLIT,
        "data/split.py",
        '.transform("nunique").to_numpy() < 2',
        '.transform("nunique").to_numpy() < 1',
    ),
    _m(
        "signatures counted as compounds in filters",
        ("pp/test_filters.py", "pp/test_preprocess.py"),
        "pp/filters.py",
        'by_class.transform("nunique"), by_class',
        'by_class.transform("size"), by_class',
    ),
    _m(
        "classes of just enough dropped",
        ("pp/test_filters.py", "pp/test_preprocess.py"),
        "pp/filters.py",
        'signatures >= min_signatures, "filters',
        'signatures > min_signatures, "filters',
    ),
    _m(
        "the excluded kept",
        ("pp/test_filters.py", "pp/test_preprocess.py"),
        "pp/filters.py",
        'account.keep(obs, ~hit, "filters',
        'account.keep(obs, hit, "filters',
    ),
    _m(
        "the tolerance absolute",
        ("pp/test_filters.py", "pp/test_preprocess.py"),
        "pp/filters.py",
        "rtol=TOLERANCE, atol=0",
        "rtol=0, atol=TOLERANCE",
    ),
    _m(
        "negative ranks are gold",
        ("pp/test_filters.py", "pp/test_preprocess.py"),
        "pp/quality.py",
        "return rank.where(rank >= 0)",
        "return rank",
    ),
    _m(
        "negative doses are doses",
        ("pp/test_vocabulary.py", "pp/test_filters.py"),
        "pp/units.py",
        "value.where(value >= 0) * factor",
        "value * factor",
    ),
]
