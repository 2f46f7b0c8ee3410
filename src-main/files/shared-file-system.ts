import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * File systems that several machines may have mounted, by the type that Linux gives (man 2 statfs; linux/magic.h, and the sources of
 * those outside the kernel). A FUSE file system may be any: sshfs, GlusterFS and many others are.
 */
const SHARED: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB',
  0xff534d42: 'CIFS',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
  0x19830326: 'BeeGFS',
  0x00c36400: 'Ceph',
  0x65735546: 'FUSE',
  0x01021997: '9P',
  0x5346414f: 'AFS',
  0x6b414653: 'AFS',
  0xaad7aaea: 'PanFS',
  0x20030528: 'OrangeFS',
  0x01161970: 'GFS2',
  0x7461636f: 'OCFS2',
  0x73757245: 'Coda',
};

/** The name of a file system by its type; null for one of this machine alone. */
export function sharedFileSystem(type: number): string | null {
  // The type is signed where a long has 32 bits.
  return SHARED[type >>> 0] ?? null;
}

/**
 * The file system that a file lies on, or is to be made on, where other machines may have it, too; null where none has.
 * @param path the file or its folder has to exist
 */
export function sharedFileSystemOf(path: string): string | null {
  if (process.platform === 'win32') return path.startsWith('\\\\') ? 'a network share' : null;
  if (process.platform !== 'linux') return null;
  for (const place of [path, dirname(path)])
    try {
      return sharedFileSystem(statfsSync(place).type);
    } catch {
      continue;
    }
  return null;
}
