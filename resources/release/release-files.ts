// What is handed out of a release: the packages of one system, its notices, and the digests of all of them.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from '../../src-main/files/digest.ts';

/** Beside the packages the packager leaves its own files, and what it packed as a folder. */
const IS_PACKAGE = /\.(AppImage|tar\.gz|dmg|zip|exe)$/;

/**
 * Lays the packages into an empty folder. Names say the system: those of several lie in one place in the end.
 * @param packed where the packager has left them
 * @returns names of the files
 * @throws Error where nothing was packed
 */
export async function layRelease(
  packed: string,
  notices: string,
  release: string,
  platform: NodeJS.Platform,
): Promise<string[]> {
  const packages = readdirSync(packed).filter((name) => IS_PACKAGE.test(name));
  if (packages.length === 0) throw new Error(`${packed}: expected packages, found none`);
  rmSync(release, { recursive: true, force: true });
  mkdirSync(release, { recursive: true });
  for (const name of packages) copyFileSync(join(packed, name), join(release, name));
  const told = `THIRD-PARTY-NOTICES-${platform}.txt`;
  copyFileSync(notices, join(release, told));
  const files = [...packages, told].sort();
  const sums = [];
  // As `sha256sum --check` reads it.
  for (const name of files) sums.push(`${await fileDigest(join(release, name))}  ${name}\n`);
  const checksums = `SHA256SUMS-${platform}.txt`;
  writeFileSync(join(release, checksums), sums.join(''));
  return [...files, checksums];
}
