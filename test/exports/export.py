"""Real torchvision networks with random weights as ONNX files, and what PyTorch itself multiplies in them.

    python3 test/exports/export.py FOLDER [NAME...]     (Debian: python3-torch, python3-torchvision)
    node test/exports/check.ts FOLDER

Writes NAME.onnx and NAME.counts.json ({"macs": all, "products": those of two activations}); the counts are taken where PyTorch
computes, so they know nothing of the ONNX file.
"""

import json
import math
import sys
from pathlib import Path

import torch
import torchvision
from torch.utils._python_dispatch import TorchDispatchMode

SIZES = {"inception_v3": 299}
NAMES = [
    *("alexnet", "vgg11_bn", "resnet18", "wide_resnet50_2", "resnext50_32x4d", "densenet121", "googlenet"),
    *("inception_v3", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x0_5"),
    *("efficientnet_b0", "efficientnet_v2_s", "regnet_x_400mf", "regnet_y_400mf", "convnext_tiny", "vit_b_16"),
    *("swin_t", "swin_v2_t"),
]


class Counter(TorchDispatchMode):
    """Multiply-accumulates of every convolution and matrix product that runs; `products` are those without parameters."""

    def __init__(self, parameters):
        super().__init__()
        self.parameters = {parameter.data_ptr() for parameter in parameters}
        self.macs = 0
        self.products = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = str(function)
        if name.startswith("aten.convolution"):
            self.macs += result.numel() * math.prod(args[1].shape[1:])
        elif name.startswith(("aten.mm", "aten.addmm", "aten.bmm", "aten.baddbmm", "aten.matmul")):
            left, right = args[-2:] if "addbmm" in name or "addmm" in name else args[:2]
            macs = result.numel() * left.shape[-1]
            self.macs += macs
            own = any(tensor.storage().data_ptr() in self.parameters for tensor in (left, right))
            self.products += 0 if own else macs
        return result


def with_random_weights(network, size, seed):
    """Weights and statistics that keep the activations of a size: freshly made networks give all images one answer, or none."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            fan_in = module.weight[0].numel()
            module.weight.data = torch.randn(module.weight.shape, generator=generator) * math.sqrt(2 / fan_in)
        elif isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    network.train()
    with torch.no_grad():
        network(torch.randn(4, 3, size, size, generator=generator))
    return network.eval()


def main():
    folder, *names = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names or NAMES:
        options = {"aux_logits": False, "transform_input": False} if name in ("googlenet", "inception_v3") else {}
        size = SIZES.get(name, 224)
        network = with_random_weights(getattr(torchvision.models, name)(weights=None, **options), size, 1)
        image = torch.randn(1, 3, size, size)
        with Counter(network.parameters()) as counter:
            # With gradients on, attention is computed by the operators that are exported, too.
            network(image)
        path = Path(folder) / f"{name}.onnx"
        try:
            torch.onnx.export(
                network, image, path, opset_version=17, input_names=["image"], output_names=["scores"],
                dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}},
            )
        except Exception as error:  # noqa: BLE001
            print(f"{name}: not exported: {str(error).splitlines()[0]}", flush=True)
            continue
        counts = {"macs": counter.macs, "products": counter.products, "size": size}
        path.with_suffix(".counts.json").write_text(json.dumps(counts))
        print(name, counts, flush=True)


main()
