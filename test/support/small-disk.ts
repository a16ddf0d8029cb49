import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverAccount } from './servers/server-account.js';

/** A small file system that can be filled. Needs the permission to mount. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Whether this process may mount file systems: usually only root may, and not in every container. */
  static readonly isAllowed = mayMount();

  /** @param megabytes - its size. @param isServers - whether it belongs to the account that test servers run as. */
  static mount(megabytes: number, isServers = false): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
    const { uid, gid } = isServers ? serverAccount() : {};
    const owner = uid === undefined ? '' : `,uid=${uid},gid=${gid},mode=0700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m${owner}`, 'tmpfs', folder], { stdio: 'pipe' });
    return new SmallDisk(folder);
  }

  /** Leaves no byte free. */
  fill(): void {
    const rest = join(this.folder, 'filler');
    mkdirSync(rest);
    // Large pieces first, then the rest.
    for (const size of [2 ** 18, 2 ** 12]) {
      for (let count = 0; ; count++) {
        try {
          writeFileSync(join(rest, `${size}-${count}`), Buffer.alloc(size));
        } catch {
          break;
        }
      }
    }
  }

  empty(): void {
    rmSync(join(this.folder, 'filler'), { recursive: true, force: true });
  }

  remove(): void {
    // A lazy unmount: files that are still open keep it until they are closed.
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
