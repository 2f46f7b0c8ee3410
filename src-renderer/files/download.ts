import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import { blobOf } from '../picture/encoded-picture.ts';

/** Hands a file to the user: the browser, or the shell in its stead, asks or knows where it goes. */
export function download({ name, mime, bytes }: ExportedFile): void {
  downloadBlob(name, blobOf({ mime, bytes }));
}

/** The same with what may be too large to be held at once. */
export function downloadBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the address after this call returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
