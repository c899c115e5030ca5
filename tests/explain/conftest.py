"""Small modules whose explanations are known."""

import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn


class Linear(nn.Module):
    """logits = W · flatten(x) + b: the explanation of a linear model is no matter of opinion."""

    def __init__(self, shape: tuple[int, ...], classes: int = 3) -> None:
        super().__init__()
        size = int(torch.tensor(shape).prod())
        self.layer = nn.Linear(size, classes).double()
        self.shape = shape

    def weight(self, target: int) -> torch.Tensor:
        return self.layer.weight[target].detach().view(self.shape)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.layer(inputs.flatten(1))


@pytest.fixture
def linear() -> Linear:
    torch.manual_seed(1)
    return Linear((2, 6, 6))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.rand(5, 2, 6, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


@pytest.fixture
def targets() -> torch.Tensor:
    return torch.tensor([0, 1, 2, 1, 0])


@pytest.fixture
def vit() -> VisionTransformer:
    torch.manual_seed(3)
    return VisionTransformer(
        img_size=8, patch_size=2, in_chans=1, num_classes=4, embed_dim=16, depth=3, num_heads=2, reg_tokens=2
    ).eval()
