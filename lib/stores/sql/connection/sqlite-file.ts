import { rmSync, statSync } from 'node:fs';

/** Detects that the file of an open SQLite database was replaced: SQLite keeps using the old file, which no other process sees. */
export class SqliteFile {
  private id: string | null;
  private logId: string | null;

  constructor(private readonly path: string) {
    this.id = idOf(path);
    this.logId = idOf(`${path}-wal`);
  }

  get isReplaced(): boolean {
    const isReplaced = idOf(this.path) !== this.id;
    if (!isReplaced) this.logId = idOf(`${this.path}-wal`);
    return isReplaced;
  }

  /** To be called before the new file is opened: SQLite would take a log that the old one has left for that of the new one. */
  removeOldLog(): void {
    const { path, logId } = this;
    if (logId === null || idOf(`${path}-wal`) !== logId) return;
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  }
}

/** Null where there is no such file. */
function idOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : null;
}
