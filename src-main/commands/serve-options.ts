import type { Command } from 'commander';
import { number } from './command-line.ts';

export interface ServeFlags {
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** Open the user's browser, where there is a display. */
  readonly open: boolean;
}

export function declareServeOptions(command: Command): Command {
  return command
    .description('Serve the view to a browser, on this machine alone')
    .option('--port <n>', 'the port; 0: a free one', number, 0)
    .option('--no-open', 'do not open the browser');
}
