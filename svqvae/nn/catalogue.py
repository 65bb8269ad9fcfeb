"""Every network by the ``kind`` of its preset."""

from svqvae.nn.directional import ExpressionDirectional
from svqvae.nn.directional_image import ImageDirectional
from svqvae.nn.modules import MODULES
from svqvae.nn.network import Network

NETWORKS: dict[str, type[Network]] = {
    **MODULES,
    "directional": ExpressionDirectional,
    "directional_image": ImageDirectional,
}
