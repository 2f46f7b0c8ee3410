"""Writes the trained network as ONNX, with its card and its class names, and checks it; see README.md for the command."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import photos as data
from labels import label
from network import INPUT_SIZE, MEAN, STD, Network, fold_batch_norm

NAME = "fovea-caltech101"
OPSET = 13
# Pixels before the centre crop: the best on the validation photos of the ways train.py tries in the end. Random crops
# made objects look larger in training, so looking closer here helps (Touvron et al., 2019, section 3).
SHORTER_SIDE = 152
LICENCE = "MIT, as Fovea itself"
ATTRIBUTION = (
    "Trained on Caltech-101 (Fei-Fei Li, Marco Andreetto, Marc'Aurelio Ranzato, Pietro Perona; "
    "https://doi.org/10.22002/D1.20086; CC BY 4.0) without the classes BACKGROUND_Google and Faces_easy"
)


def to_onnx(network: Network) -> onnx.ModelProto:
    """The folded network, one node per layer named after it, with a Softmax at the end."""
    nodes, weights = [], []

    def add(operator: str, name: str, source: str, parameters=(), **attributes) -> str:
        for suffix, tensor in parameters:
            weights.append(numpy_helper.from_array(tensor.detach().numpy(), f"{name}.{suffix}"))
        inputs = [source, *(f"{name}.{suffix}" for suffix, _ in parameters)]
        nodes.append(helper.make_node(operator, inputs, [f"{name}.out"], name=name, **attributes))
        return f"{name}.out"

    value = "pixels"
    for name, layer in network.features.named_children():
        if isinstance(layer, nn.Conv2d):
            parameters = [("weight", layer.weight), ("bias", layer.bias)]
            value = add("Conv", name, value, parameters, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
        elif isinstance(layer, nn.MaxPool2d):
            value = add("MaxPool", name, value, kernel_shape=[2, 2], strides=[2, 2])
        else:
            value = add("Relu", name, value)
    value = add("GlobalAveragePool", "pool5", value)
    value = add("Flatten", "flatten", value, axis=1)
    value = add("Gemm", "fc", value, [("weight", network.fc.weight), ("bias", network.fc.bias)], transB=1)
    add("Softmax", "softmax", value, axis=1)
    nodes[-1].output[0] = "probabilities"

    classes = network.fc.out_features
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, INPUT_SIZE, INPUT_SIZE])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", classes])
    graph = helper.make_graph(nodes, NAME, [pixels], [probabilities], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="fovea", ir_version=7)
    helper.set_model_props(model, {"licence": LICENCE, "attribution": ATTRIBUTION})
    onnx.checker.check_model(model, full_check=True)
    return model


def check(file: Path, network: Network, crops: np.ndarray, runtime: Path) -> None:
    """ONNX Runtime's probabilities differ from torch's by less than 1e-4 everywhere."""
    pixels = data.normalise(data.to_tensor(crops)).contiguous()
    with torch.no_grad():
        probabilities = network(pixels).softmax(1)
    with tempfile.TemporaryDirectory() as folder:
        pixels.numpy().astype("<f4").tofile(f"{folder}/pixels.f32")
        probabilities.numpy().astype("<f4").tofile(f"{folder}/probabilities.f32")
        subprocess.run(["node", runtime, file, folder], check=True)


def card(folders: "list[str]", images: int, accuracy: "tuple[float, float]") -> dict:
    return {
        "name": "Fovea VGG (Caltech-101)",
        "file": f"{NAME}.onnx",
        "origin": "Trained from scratch with models/recipe; BatchNorm folded; float32, opset 13, dynamic batch axis",
        "input": {
            "name": "pixels",
            "layout": "NCHW",
            "channels": "RGB",
            "height": INPUT_SIZE,
            "width": INPUT_SIZE,
            "resizeShorterSide": SHORTER_SIDE,
            "crop": "centre",
            # Pillow's, in photos.py, which ignores colour profiles.
            "resize": "bilinear",
            "colours": "as-published",
            "decoding": "full",
            "range": [0, 1],
            "mean": [MEAN] * 3,
            "std": [STD] * 3,
        },
        "output": {"name": "probabilities", "shape": ["N", len(folders)], "kind": "probabilities"},
        "labels": f"{NAME}-classes.txt",
        # The data set's name of each class, in the order of the labels.
        "classFolders": folders,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "accuracy": {
            "dataset": "Caltech-101, test photos",
            "images": images,
            "top1": round(accuracy[0] / 100, 4),
            "top5": round(accuracy[1] / 100, 4),
        },
    }


def export(options: argparse.Namespace) -> None:
    average = torch.load(options.checkpoint)["average"]
    network = Network(average["fc.bias"].numel())
    network.load_state_dict(average)
    folded = fold_batch_norm(network.eval())
    test = data.load(options.test)
    accuracy = data.evaluate(folded, test, SHORTER_SIDE)
    print(f"test photos, Top-1 / Top-5: {accuracy[0]:.2f} / {accuracy[1]:.2f}")

    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / f"{NAME}.onnx"
    onnx.save(to_onnx(folded), str(file))
    folders = data.class_folders(options.test)
    lines = (f"{label(folder)}\n" for folder in folders)
    (options.out / f"{NAME}-classes.txt").write_text("".join(lines), encoding="utf-8")
    text = json.dumps(card(folders, len(test.images), accuracy), indent=2, ensure_ascii=False)
    (options.out / f"{NAME}.json").write_text(text + "\n", encoding="utf-8")
    crops = np.stack([data.evaluation_crop(image, SHORTER_SIDE) for image in test.images[::40]])
    check(file, folded, crops, Path(__file__).with_name("check.mjs"))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("test", type=Path, help="folder of test photos, one folder per class")
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoint.pt"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent)
    return parser.parse_args()


if __name__ == "__main__":
    export(arguments())
