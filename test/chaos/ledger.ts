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
 * Records the calls of tasks in one process, in a separate database that faults of the store do not affect: a node that is
 * cut off is seen all the same. An entry is in the file when the call returns, and survives the process. Times are of the
 * computer's real clock.
 */
export class LedgerWriter {
  private readonly begun: Database.Statement<[string, string, number, number, number]>;
  private readonly ended: Database.Statement<[number, number | bigint]>;
  private readonly stalledFor: Database.Statement<[number, number]>;

  constructor(folder: string, process: string) {
    const database = new Database(join(folder, process + ENDING));
    database.pragma('journal_mode = WAL');
    // No fsync: only processes die, not the computer.
    database.pragma('synchronous = OFF');
    database.exec(TABLES);
    const columns = 'run_id, job_id, nominal_time, attempt, began_at';
    this.begun = database.prepare(`INSERT INTO ledger (${columns}) VALUES (?, ?, ?, ?, ?)`);
    this.ended = database.prepare('UPDATE ledger SET ended_at = ? WHERE rowid = ?');
    this.stalledFor = database.prepare('INSERT INTO stalls VALUES (?, ?)');
  }

  /** Records a call of a task. @returns a function that records its end */
  begin({ runId, jobId, scheduledTime, attempt }: RunContext): number | bigint {
    return this.begun.run(runId, jobId, scheduledTime, attempt, Date.now()).lastInsertRowid;
  }

  end(row: number | bigint): void {
    this.ended.run(Date.now(), row);
  }

  /** Records that the computer did not schedule this process for a while. */
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

/** Reads the ledgers of all processes, after they have ended. */
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
