/** What networks can run on: the processor, or a GPU by way of WebGPU. */
export const DEVICES = ['cpu', 'webgpu'] as const;
export type Device = (typeof DEVICES)[number];
export const DEFAULT_DEVICE: Device = 'cpu';

/** What devices are called in sentences. */
export const DEVICE_NAMES: Readonly<Record<Device, string>> = { cpu: 'the CPU', webgpu: 'WebGPU' };

/** ` on WebGPU`, for a sentence or a heading; nothing where it is the CPU, as it is where nobody has chosen. */
export function onDevice(device: string): string {
  return device === DEFAULT_DEVICE ? '' : ` on ${nameOfDevice(device)}`;
}

export function nameOfDevice(device: string): string {
  const known = DEVICES.find((name) => name === device);
  return known ? DEVICE_NAMES[known] : device;
}

/** A device as it is on this machine. */
export interface DeviceState {
  readonly device: Device;
  /** Why networks cannot run on it here; null where they can. */
  readonly missing: string | null;
}
