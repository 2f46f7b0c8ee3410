# The same fake quantisation as a user of PyTorch would write it: forward hooks on torchvision's SqueezeNet 1.1, one thread, with the weights
# of an ONNX file. Needs Debian's python3-torch, python3-torchvision and python3-onnx; see peer.ts.
#
# peer.py MODEL FOLDER: reads pixels.f32 (BATCH x 3 x 224 x 224) and shares-N.f32 (the step of each position as a share of its peak) from the
# folder, writes the scores to scores.f32, and then answers each line `contiguous` or `channels_last` with the milliseconds of one inference.
import sys
import time

import numpy
import onnx
import torch
import torchvision
from onnx import numpy_helper

STEP_FLOOR = 2.0**-100

model_path, folder = sys.argv[1:]
torch.set_num_threads(1)
torch.set_grad_enabled(False)

graph = onnx.load(model_path).graph
weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
convolutions = [node for node in graph.node if node.op_type == 'Conv']
network = torchvision.models.squeezenet1_1().eval()
modules = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
assert len(modules) == len(convolutions)
for module, node in zip(modules, convolutions):
    weight, bias = (torch.tensor(weights[name]) for name in node.input[1:3])
    assert module.weight.shape == weight.shape
    module.weight.data, module.bias.data = weight, bias


def quantised(tensor, share):
    step = tensor.abs().amax(1, keepdim=True).mul_(share).add_(STEP_FLOOR)
    return (tensor * step.reciprocal()).round_().mul_(step)


# Each tensor is quantised once, though both expanding convolutions of a fire module read it.
places = [(network.features[0], 'before')]
for fire in network.features:
    if isinstance(fire, torchvision.models.squeezenet.Fire):
        places += [(fire.squeeze, 'before'), (fire.squeeze_activation, 'after')]
places.append((network.classifier[1], 'before'))
for index, (module, when) in enumerate(places):
    share = torch.from_numpy(numpy.fromfile(f'{folder}/shares-{index}.f32', 'float32'))

    def hooked(tensor, share=share):
        return quantised(tensor, share.view(1, 1, *tensor.shape[2:]))

    if when == 'before':
        module.register_forward_pre_hook(lambda _, inputs, hooked=hooked: (hooked(inputs[0]),))
    else:
        module.register_forward_hook(lambda _, __, output, hooked=hooked: hooked(output))

pixels = torch.from_numpy(numpy.fromfile(f'{folder}/pixels.f32', 'float32')).view(-1, 3, 224, 224)
inputs = {
    'contiguous': pixels,
    'channels_last': pixels.contiguous(memory_format=torch.channels_last),
}
# The file ends with a softmax, and torchvision's network does not.
network(pixels).softmax(1).numpy().tofile(f'{folder}/scores.f32')
print('ready', flush=True)
for line in sys.stdin:
    layout = line.strip()
    network.to(memory_format=getattr(torch, f'{layout}_format') if layout == 'contiguous' else torch.channels_last)
    network(inputs[layout])
    start = time.perf_counter()
    network(inputs[layout])
    print((time.perf_counter() - start) * 1000, flush=True)
