import { z } from 'zod';

/**
 * The Content-Security-Policy forbids making code from text, and zod would try as soon as a schema is built.
 * Import this before anything that holds schemas.
 */
z.config({ jitless: true });
