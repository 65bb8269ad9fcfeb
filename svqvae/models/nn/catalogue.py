"""Every network by the ``kind`` of its preset."""

from svqvae.models.nn.directional import ExpressionDirectional
from svqvae.models.nn.directional_image import ImageDirectional
from svqvae.models.nn.modules import MODULES
from svqvae.models.nn.network import Network

NETWORKS: dict[str, type[Network]] = {
    **MODULES,
    "directional": ExpressionDirectional,
    "directional_image": ImageDirectional,
}
