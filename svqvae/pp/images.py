"""Labelled images (MNIST) as a source of "signatures": IDX files of a training and a test set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from svqvae import keys
from svqvae.errors import SvqvaeError
from svqvae.io.idx import pixel_names, read_idx, scaled
from svqvae.pp.metadata import Metadata

if TYPE_CHECKING:
    from anndata import AnnData

#: Column of an image set that holds which IDX file a row came from.
SPLIT = "split"
#: Column of an image set that holds its label.
LABEL = "label"


@dataclass(frozen=True, kw_only=True)
class ImageSource:
    """IDX files of labelled images (MNIST): a training and a test set, pixels in [-1, 1]."""

    signatures: Path
    sig_info: Path
    test_signatures: Path
    test_sig_info: Path

    test_column: ClassVar[str | None] = SPLIT

    def column_problems(self) -> list[str]:
        """Return nothing: images have no tables."""
        return []

    def metadata(self) -> Metadata:
        """Return the table of images (label, split) and that of pixels."""
        return Metadata(self._images.obs, self._images.var, None)

    def blocks(self, rows: list[str], genes: list[str], *, size: int) -> Iterator[np.ndarray]:
        """Yield the chosen images x pixels, float32 in [-1, 1], ``size`` images at a time."""
        for start in range(0, len(rows), size):
            yield np.asarray(self._images[rows[start : start + size], genes].X)

    def parameters(self) -> dict[str, Any]:
        """Return the shape of an image, by which models choose convolutional nets."""
        return dict(self._images.uns)

    @cached_property
    def _images(self) -> AnnData:
        import anndata as ad

        images, labels = read_idx(self.signatures), read_idx(self.sig_info)
        test_images, test_labels = read_idx(self.test_signatures), read_idx(self.test_sig_info)
        problems = [
            f"{path}: {len(y)} labels for {len(x)} images"
            for x, y, path in (
                (images, labels, self.sig_info),
                (test_images, test_labels, self.test_sig_info),
            )
            if len(x) != len(y)
        ]
        if images.ndim != 3 or images.shape[1:] != test_images.shape[1:]:
            problems.append(
                f"{self.test_signatures}: shape {test_images.shape} does not go with "
                f"{self.signatures}: {images.shape}; expected images x rows x columns"
            )
        if problems:
            raise SvqvaeError(problems)
        pixels = np.concatenate([images, test_images])
        shape = pixels.shape[1:]
        names = [f"train_{i:05d}" for i in range(len(images))]
        names += [f"test_{i:05d}" for i in range(len(test_images))]
        obs = pd.DataFrame(
            {
                LABEL: np.r_[labels, test_labels].astype(str),
                SPLIT: np.repeat(["train", "test"], [len(images), len(test_images)]),
                keys.PERT_ID: names,
            },
            index=names,
        )
        var = pd.DataFrame(index=pixel_names(shape))
        return ad.AnnData(scaled(pixels), obs=obs, var=var, uns={keys.IMAGE_SHAPE: np.array(shape)})
