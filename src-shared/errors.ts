/**
 * Every failure a user can meet, with the exit code the command line gives it:
 * 1 the work failed, 2 the arguments were wrong.
 */
export const EXIT_CODE_OF_ERROR = {
  'bad-argument': 2,
  'bad-plan': 2,
  'image-missing': 1,
  'image-is-directory': 1,
  'image-unreadable': 1,
  'image-empty': 1,
  'image-unsupported': 1,
  'image-damaged': 1,
  'image-too-large': 1,
  'image-too-small': 1,
  'map-missing': 1,
  'map-invalid': 1,
  'model-missing': 1,
  'model-is-directory': 1,
  'model-unreadable': 1,
  'model-empty': 1,
  'model-damaged': 1,
  'model-no-image-input': 1,
  'model-several-inputs': 1,
  'model-external-data-missing': 1,
  'model-external-data-outside': 1,
  'model-unsupported-operator': 1,
  'model-unsupported': 1,
  'model-unknown': 1,
  'card-invalid': 1,
  'card-contradicts-model': 1,
  'labels-wrong-length': 1,
  'labels-unreadable': 1,
  'dataset-unreadable': 1,
  'dataset-empty': 1,
  'calibration-missing': 1,
  'accelerator-invalid': 1,
  'accelerator-unknown': 2,
  'network-invalid': 1,
  'network-unknown': 2,
  'profile-wrong-length': 2,
  'download-failed': 1,
  'download-corrupt': 1,
  'store-damaged': 1,
  'store-locked': 1,
  'store-newer': 1,
  'store-full': 1,
  'run-unknown': 1,
  'output-unwritable': 1,
  'device-unavailable': 1,
  'device-unsuited': 1,
  'device-lost': 1,
  'engine-crashed': 1,
  'engine-hung': 1,
  'engine-memory': 1,
  'inference-failed': 1,
  'scores-not-finite': 1,
  cancelled: 1,
  'host-gone': 1,
  'message-invalid': 1,
  'not-allowed': 1,
  internal: 1,
} as const;

export type FoveaErrorCode = keyof typeof EXIT_CODE_OF_ERROR;

/** The shape an error has when it crosses a process border or is stored. */
export interface ErrorRecord {
  readonly code: FoveaErrorCode;
  /** What went wrong, on which file or field, and what was expected. */
  readonly message: string;
  /** What the user can do next; empty when nothing more can be said. */
  readonly next: string;
}

/** An error a user can act on. Anything else that is thrown is a defect of the program. */
export class FoveaError extends Error {
  readonly code: FoveaErrorCode;
  readonly next: string;

  constructor(code: FoveaErrorCode, message: string, next = '', options?: ErrorOptions) {
    super(message, options);
    this.name = 'FoveaError';
    this.code = code;
    this.next = next;
  }
}

/**
 * Failures of disks and machines that nothing on the way has put into words, by the beginning of the system's or SQLite's code: they are
 * no defect of the program.
 */
const OUTSIDE: Readonly<Record<string, readonly [FoveaErrorCode, string]>> = {
  ENOSPC: ['output-unwritable', 'The disk is full: make room, or name another folder.'],
  EDQUOT: ['output-unwritable', 'Your quota of the disk is used up: make room, or name another folder.'],
  EROFS: ['output-unwritable', 'The disk can only be read: name another folder, for example in FOVEA_DATA.'],
  EACCES: ['output-unwritable', 'Check the permissions, or name another folder, for example in FOVEA_DATA.'],
  EPERM: ['output-unwritable', 'Check the permissions, or name another folder, for example in FOVEA_DATA.'],
  ENOTDIR: ['output-unwritable', 'A file stands where a folder is needed: name another folder.'],
  EIO: ['output-unwritable', 'The disk failed: check it, or use another one.'],
  EMFILE: ['output-unwritable', 'Too many files are open: close other programs, or raise the limit (ulimit -n).'],
  ENFILE: ['output-unwritable', 'Too many files are open: close other programs.'],
  ENOMEM: ['output-unwritable', 'The memory is used up: close other programs, or use a smaller model.'],
  SQLITE_FULL: ['store-full', 'The disk is full: make room, or name another store with --db.'],
  SQLITE_CORRUPT: ['store-damaged', 'Restore the file from a copy, or name another store with --db.'],
  SQLITE_NOTADB: ['store-damaged', 'Restore the file from a copy, or name another store with --db.'],
  SQLITE_READONLY: ['output-unwritable', 'Check the permissions, or name another store with --db.'],
  SQLITE_CANTOPEN: [
    'output-unwritable',
    'Check that the folder exists and can be written, or name another store with --db.',
  ],
  SQLITE_IOERR: ['store-damaged', 'The disk failed: check it, or name another store with --db.'],
  SQLITE_ERROR: ['store-damaged', 'Another program has altered the file: restore a copy, or name another with --db.'],
  SQLITE_BUSY: ['store-locked', 'Another program holds the file: end it, or try again.'],
};

/** The record of anything thrown; what is not a {@link FoveaError} becomes `internal`. */
export function toErrorRecord(thrown: unknown): ErrorRecord {
  if (thrown instanceof FoveaError) return { code: thrown.code, message: thrown.message, next: thrown.next };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const outside = Object.entries(OUTSIDE).find(([start]) => code.startsWith(start));
  if (outside) return { code: outside[1][0], message, next: outside[1][1] };
  return {
    code: 'internal',
    message,
    next: 'This is a defect of Fovea: please report it with the command and the input.',
  };
}

export function fromErrorRecord(record: ErrorRecord): FoveaError {
  return new FoveaError(record.code, record.message, record.next);
}

export function isErrorCode(code: string): code is FoveaErrorCode {
  return Object.hasOwn(EXIT_CODE_OF_ERROR, code);
}
