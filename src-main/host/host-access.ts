import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

// Who may speak to the browser host.

const CODE_MILLISECONDS = 60_000;

/** The status a request is refused with because of who sent it to whom, or null. */
export function refusalOf(request: IncomingMessage): number | null {
  const host = request.headers.host ?? '';
  // Any port: through a tunnel the page is seen under another one.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host)) return 421;
  const { origin } = request.headers;
  const mustHaveOrigin = request.headers.upgrade !== undefined;
  if (origin === undefined ? mustHaveOrigin : origin !== `http://${host}`) return 403;
  return null;
}

/** Compares digests, in a time that tells nothing about the token. */
export function isToken(given: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(token));
}

export function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

export interface OneTimeCodes {
  issue(): string;
  /** True once for each code, in its time. */
  redeem(code: string | undefined): boolean;
}

export function oneTimeCodes(): OneTimeCodes {
  const digestOf = (code: string) => createHash('sha256').update(code).digest('hex');
  const expiryOfDigest = new Map<string, number>();
  return {
    issue() {
      const code = randomSecret();
      expiryOfDigest.set(digestOf(code), performance.now() + CODE_MILLISECONDS);
      return code;
    },
    redeem(code = '') {
      const digest = digestOf(code);
      const expiry = expiryOfDigest.get(digest) ?? 0;
      expiryOfDigest.delete(digest);
      return performance.now() < expiry;
    },
  };
}

/** 256 random bits. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
