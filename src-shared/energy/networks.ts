import alexnetBvlc from '../../resources/networks/alexnet-bvlc.json' with { type: 'json' };
import alexnet from '../../resources/networks/alexnet.json' with { type: 'json' };
import googlenetTorchvision from '../../resources/networks/googlenet-torchvision.json' with { type: 'json' };
import googlenet from '../../resources/networks/googlenet.json' with { type: 'json' };
import mobilenetv2 from '../../resources/networks/mobilenetv2.json' with { type: 'json' };
import resnet18 from '../../resources/networks/resnet18.json' with { type: 'json' };
import resnet50v1 from '../../resources/networks/resnet50-v1.json' with { type: 'json' };
import resnet50v15 from '../../resources/networks/resnet50-v1.5.json' with { type: 'json' };
import squeezenet10 from '../../resources/networks/squeezenet1.0.json' with { type: 'json' };
import squeezenet11 from '../../resources/networks/squeezenet1.1.json' with { type: 'json' };
import vgg16 from '../../resources/networks/vgg16.json' with { type: 'json' };
import vgg19 from '../../resources/networks/vgg19.json' with { type: 'json' };
import { FoveaError } from '../errors.ts';
import { parseNetwork, type Network } from './network-description.ts';

const FILES: readonly { readonly id: string }[] = [
  alexnet,
  alexnetBvlc,
  vgg16,
  vgg19,
  resnet18,
  resnet50v1,
  resnet50v15,
  googlenet,
  googlenetTorchvision,
  squeezenet10,
  squeezenet11,
  mobilenetv2,
];

/** Ids of the networks described in resources/networks. */
export const NETWORK_IDS: readonly string[] = FILES.map(({ id }) => id);

/**
 * @param name id, in any case
 * @throws FoveaError `network-unknown` listing the valid ids
 */
export function describedNetwork(name: string): Network {
  const id = name.toLowerCase();
  const file = FILES.find((network) => network.id === id);
  if (file) return parseNetwork(file, `resources/networks/${id}.json`);
  throw new FoveaError(
    'network-unknown',
    `there is no description of a network "${name}"`,
    `Choose one of ${NETWORK_IDS.join(', ')}, or give a model file with --model.`,
  );
}
