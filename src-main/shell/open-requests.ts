import { app } from 'electron';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const startSchema = z.object({ paths: z.array(z.string()) });

/**
 * Makes this the only Fovea of the user: a second start hands its files over and ends.
 * @returns false in the second one
 */
export function claimSingleInstance(paths: readonly string[]): boolean {
  return app.requestSingleInstanceLock({ paths: [...paths] });
}

/** The files named at start: everything after the program (and, while developing, its folder) that is no switch. */
export function pathsOfArguments(argv: readonly string[], isPackaged: boolean, folder: string): string[] {
  return argv
    .slice(isPackaged ? 1 : 2)
    .filter((argument) => !argument.startsWith('-'))
    .map((argument) => pathOf(argument, folder));
}

/** Some desktops hand over addresses instead of paths. */
function pathOf(argument: string, folder: string): string {
  if (!/^file:\/\//i.test(argument)) return resolve(folder, argument);
  try {
    return fileURLToPath(argument);
  } catch {
    // One of another machine, or none: as a path it is not found, and is named to the user.
    return resolve(folder, argument);
  }
}

/** Listens to what asks for files from outside: a second start, and the files of macOS. Call it before Electron is ready. */
export function onOpenRequest(open: (paths: readonly string[]) => void): void {
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const parsed = startSchema.safeParse(data);
    open(parsed.success ? parsed.data.paths : []);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
}
