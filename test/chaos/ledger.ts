import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RunContext } from 'nestjs-apscheduler/engine';
import type { LedgerEntry, Trouble } from './evidence.js';

const TABLES = `
  CREATE TABLE IF NOT EXISTS ledger (
    run_id TEXT NOT NULL, job_id TEXT NOT NULL, nominal_time INTEGER NOT NULL, attempt INTEGER NOT NULL,
    began_at INTEGER NOT NULL, ended_at INTEGER
  );
  CREATE TABLE IF NOT EXISTS stalls (began_at INTEGER NOT NULL, ended_at INTEGER NOT NULL)`;

const ENDING = '.ledger.db';

/**
 * Where the tasks of one process write down that they were called. A table of its own, in a database that no mishap meant
 * for the store reaches: a node that is cut off, or whose server is away, is seen all the same. What is written is in the
 * file when the call returns, and outlives the process; its times are of the computer's real clock.
 */
export class LedgerWriter {
  private readonly begun: Database.Statement<[string, string, number, number, number]>;
  private readonly ended: Database.Statement<[number, number | bigint]>;
  private readonly stalledFor: Database.Statement<[number, number]>;

  constructor(folder: string, process: string) {
    const database = new Database(join(folder, process + ENDING));
    database.pragma('journal_mode = WAL');
    // The computer stays: only processes die here.
    database.pragma('synchronous = OFF');
    database.exec(TABLES);
    const columns = 'run_id, job_id, nominal_time, attempt, began_at';
    this.begun = database.prepare(`INSERT INTO ledger (${columns}) VALUES (?, ?, ?, ?, ?)`);
    this.ended = database.prepare('UPDATE ledger SET ended_at = ? WHERE rowid = ?');
    this.stalledFor = database.prepare('INSERT INTO stalls VALUES (?, ?)');
  }

  /** A task was called. @returns what its end is told by. */
  begin({ runId, jobId, scheduledTime, attempt }: RunContext): number | bigint {
    return this.begun.run(runId, jobId, scheduledTime, attempt, Date.now()).lastInsertRowid;
  }

  end(row: number | bigint): void {
    this.ended.run(Date.now(), row);
  }

  /** The computer did not let this process run for a while. */
  stalled(from: number, to: number): void {
    this.stalledFor.run(from, to);
  }
}

interface LedgerRow {
  readonly run_id: string;
  readonly job_id: string;
  readonly nominal_time: number;
  readonly attempt: number;
  readonly began_at: number;
  readonly ended_at: number | null;
}

/** What all processes have written, that are gone now. */
export function readLedgers(folder: string): { entries: LedgerEntry[]; stalls: Trouble[] } {
  const entries: LedgerEntry[] = [];
  const stalls: Trouble[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(ENDING))) {
    const process = file.slice(0, -ENDING.length);
    const database = new Database(join(folder, file));
    for (const row of database.prepare<[], LedgerRow>('SELECT * FROM ledger').iterate()) {
      const { run_id: runId, job_id: jobId, nominal_time: nominalTime, attempt } = row;
      entries.push({ runId, jobId, nominalTime, attempt, process, beganAt: row.began_at, endedAt: row.ended_at });
    }
    const stalled = database.prepare<[], { began_at: number; ended_at: number }>('SELECT * FROM stalls').all();
    for (const row of stalled) stalls.push({ kind: 'stall', process, from: row.began_at, to: row.ended_at });
    database.close();
  }
  return { entries, stalls };
}
