import type { FailedFile, FileReference } from '../../src-shared/contract/files.ts';
import type { PageMessage } from '../../src-shared/contract/messages.ts';
import type { WorkFigures } from '../../src-shared/work.ts';
import { FoveaError } from '../../src-shared/errors.ts';

/** Files as they can be opened on the host; those that could not be sent there are listed with their errors. */
export interface SentFiles {
  readonly files: readonly FileReference[];
  readonly failed: readonly FailedFile[];
}

/** Brings messages to the machine side and back. */
export interface Carrier {
  /** @throws FoveaError `host-gone` while there is no connection */
  send(message: PageMessage): void;
  /** Set once, before the first message. `refused`: the machine is there, and never lets this page in. */
  receive(listeners: {
    message(message: unknown): void;
    connection(connected: boolean, refused?: boolean): void;
  }): void;
  /** Must be called within the drop event: the browser empties the transfer afterwards. */
  sendDropped(transfer: DataTransfer, options: SendFilesOptions): Promise<SentFiles>;
  sendFiles(files: readonly File[], options: SendFilesOptions): Promise<SentFiles>;
}

export interface SendOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (figures: WorkFigures) => void;
}

export interface SendFilesOptions extends SendOptions {
  /** Importance maps are sent, not what is to be opened. */
  readonly maps?: boolean;
}

/** The error of a call without a connection. */
export function hostGone(): FoveaError {
  return new FoveaError(
    'host-gone',
    'the connection to Fovea is lost',
    'While Fovea runs, this page connects again by itself; if it has ended, start it and open the address it gives.',
  );
}

/** The error of a page whose address is of an earlier start. */
export function addressGone(): FoveaError {
  return new FoveaError(
    'not-allowed',
    'the address of this page is no longer valid: Fovea was started anew, or the address is not whole',
    'Open the address that fovea serve prints.',
  );
}

export function cancelled(): FoveaError {
  return new FoveaError('cancelled', 'the request was cancelled');
}
