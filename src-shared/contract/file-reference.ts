import { z } from 'zod';
import { path } from './procedure.ts';

/** A file or folder the user named: a path on the host, or a file sent to the browser host (`batch/relative/path`). */
export const fileReferenceSchema = z.union([z.strictObject({ path }), z.strictObject({ upload: path })]);
export type FileReference = z.infer<typeof fileReferenceSchema>;
