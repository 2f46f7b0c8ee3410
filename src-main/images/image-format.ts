export const IMAGE_FORMATS = ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/**
 * First bytes of each format, as Latin-1 text; `.` stands for any byte. Formats that can carry programs or references to other
 * files (SVG, PDF, PostScript) are left out on purpose: the decoder would accept some of them.
 */
const SIGNATURES: readonly (readonly [ImageFormat, RegExp])[] = [
  ['JPEG', /^\xff\xd8\xff/s],
  ['PNG', /^\x89PNG\r\n.\n/s],
  ['GIF', /^GIF8[79]a/s],
  ['WebP', /^RIFF....WEBP/s],
  ['TIFF', /^(?:II[*+]\0|MM\0[*+])/s],
  // ISO 14496-12, 4.3: a file-type box with the brand of AVIF (av1-avif, section 6) as the major or a compatible one.
  ['AVIF', /^....ftyp(?:....)*?(?:avif|avis)/s],
];

/** The format of a file by its content, or null where it is none of {@link IMAGE_FORMATS}. */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1');
  return SIGNATURES.find(([, signature]) => signature.test(head))?.[0] ?? null;
}
