"""The embedded network: a plain VGG-style stack of 3x3 convolutions, global average pooling and one linear layer."""

from collections import OrderedDict

import torch
from torch import nn

# Output channels of the convolutions of each stage; a 2x2 max-pool stands between stages.
STAGES = ((16,), (32, 32), (64, 64), (128, 128), (192, 176))
INPUT_SIZE = 128
# Per channel, after the division by 255.
MEAN = 0.5
STD = 0.25


class Network(nn.Module):
    """Normalised RGB [N, 3, H, W] -> logits [N, classes]; H and W are multiples of 16."""

    def __init__(self, classes: int, batch_norm: bool = True):
        super().__init__()
        layers: "OrderedDict[str, nn.Module]" = OrderedDict()
        channels = 3
        for stage, widths in enumerate(STAGES, start=1):
            if stage > 1:
                layers[f"pool{stage - 1}"] = nn.MaxPool2d(2)
            for index, width in enumerate(widths, start=1):
                name = f"{stage}_{index}"
                layers[f"conv{name}"] = nn.Conv2d(channels, width, 3, padding=1, bias=not batch_norm)
                if batch_norm:
                    layers[f"norm{name}"] = nn.BatchNorm2d(width)
                layers[f"relu{name}"] = nn.ReLU(inplace=True)
                channels = width
        self.features = nn.Sequential(layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.fc(self.pool(self.features(pixels)).flatten(1))


def fold_batch_norm(network: Network) -> Network:
    """The same function without BatchNorm, folded into the convolutions in float64 and rounded once to float32."""
    folded = Network(network.fc.out_features, batch_norm=False)
    source = network.features
    with torch.no_grad():
        for name, convolution in folded.features.named_children():
            if not isinstance(convolution, nn.Conv2d):
                continue
            norm = getattr(source, name.replace("conv", "norm"))
            scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
            convolution.weight.copy_(getattr(source, name).weight.double() * scale[:, None, None, None])
            convolution.bias.copy_(norm.bias.double() - norm.running_mean.double() * scale)
        folded.fc.load_state_dict(network.fc.state_dict())
    return folded.eval()
