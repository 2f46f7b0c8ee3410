import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where this user's runs, settings and models are kept, by the habit of the operating system. `FOVEA_DATA` overrides it. */
export function dataFolder(platform: string = process.platform, environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.FOVEA_DATA) return environment.FOVEA_DATA;
  if (platform === 'win32') return join(environment.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Fovea');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Fovea');
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'fovea');
}

/** The run store that is used unless another is named; absolute. */
export function runsFile(dataFolder: string): string {
  return resolve(dataFolder, 'runs.sqlite');
}
