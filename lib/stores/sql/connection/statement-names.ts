/** How many statements are prepared at most; a session of a server keeps each of them. */
const MOST = 200;
/** A statement without a name that has come so often gets one: those of a migration do not. */
const OFTEN = 3;

/**
 * Names for statements that come again and again: a server parses and plans such a one once a session. What stands in
 * one, its parameters apart, is of a few kinds only; should it not be, the later ones go without.
 */
export class StatementNames {
  private readonly seen = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private isOff = false;

  /** The name of a statement; undefined for one that is not to be prepared. */
  of(sql: string): string | undefined {
    if (this.isOff) return undefined;
    return this.names.get(sql) ?? this.note(sql);
  }

  /** No statement is prepared any more. */
  giveUp(): void {
    this.isOff = true;
    this.seen.clear();
    this.names.clear();
  }

  private note(sql: string): string | undefined {
    if (this.names.size + this.seen.size >= MOST && !this.seen.has(sql)) return undefined;
    const count = (this.seen.get(sql) ?? 0) + 1;
    this.seen.set(sql, count);
    if (count < OFTEN) return undefined;
    this.seen.delete(sql);
    const name = `apscheduler_${this.names.size}`;
    this.names.set(sql, name);
    return name;
  }
}
