import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromiumPath } from './chromium.ts';

const PLACES = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/**
 * What a process finds a GPU by that is none: SwiftShader, Vulkan on the CPU, which lies beside Chromium's binary with a loader of its
 * own, for processes that are started with this. Null where it does not, and where WebGPU is not Vulkan's.
 */
export function softwareGpu(): NodeJS.ProcessEnv | null {
  if (process.platform !== 'linux') return null;
  const browser = chromiumPath();
  const folders = [...(browser ? [dirname(realpathSync(browser))] : []), ...PLACES];
  const folder = folders.find((one) => existsSync(join(one, 'vk_swiftshader_icd.json')));
  if (folder === undefined) return null;
  return { VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder };
}

/** What hides every GPU there may be. */
export const NO_GPU: NodeJS.ProcessEnv = { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };
