/** Lateness is kept to the millisecond up to this value. */
export const LONGEST_LATENESS_MS = 60_000;
/** A timer may be a millisecond early. */
const SLACK_MS = 2;
/** Counted from the first job. A slower set-up ends the log, and the measurement fails. */
const SECONDS = 120;

/**
 * The runs of one process, by second and job. Everything is recorded from the start, since a process may learn late about the
 * window.
 */
export class SlotLog {
  /**
   * @param {number} jobs - each is due once per second
   * @param {number} base - a whole second before the first of them is due, in epoch milliseconds
   */
  constructor(jobs, base) {
    this.jobs = jobs;
    this.base = base;
    this.runs = new Uint8Array(jobs * SECONDS);
    this.told = new Uint8Array(jobs * SECONDS);
    this.latenesses = new Uint32Array(LONGEST_LATENESS_MS + 1);
    this.fires = 0;
    this.isOpen = false;
    this.nextMark = Infinity;
    this.marks = [];
  }

  /**
   * To be called for each run.
   *
   * @param {number} index - of the job
   * @param {number} nominal - the scheduled time, in epoch milliseconds
   */
  ran(index, nominal) {
    const now = Date.now();
    if (now >= this.nextMark) this.mark(now);
    if (this.isOpen) {
      this.latenesses[Math.min(Math.max(now - nominal, 0), LONGEST_LATENESS_MS)]++;
      this.fires++;
    }
    const slot = this.slotOf(index, nominal);
    if (this.runs[slot] < 255) this.runs[slot]++;
  }

  /** To be called for each time, or range of times, that is reported as not run. */
  leftOut(index, first, last = first) {
    for (let nominal = first; nominal <= last; nominal += 1000) this.told[this.slotOf(index, nominal)] = 1;
  }

  /**
   * @param {{ from: number, to: number, until: number }} times - the window in whole seconds; runs for a time in it count
   *   until the third
   * @returns {Promise<object>} the observations
   */
  watch({ from, to, until }) {
    return new Promise((resolve) => {
      let usage;
      let opened;
      let figures;
      const open = (now) => {
        opened = now;
        usage = process.cpuUsage();
        this.isOpen = true;
        this.nextMark = to;
      };
      const close = (now) => {
        const { user, system } = process.cpuUsage(usage);
        this.isOpen = false;
        figures = { elapsedMs: now - opened, cpuUs: user + system, fires: this.fires, latenesses: this.latenesses };
        this.nextMark = until;
      };
      const end = () => {
        this.nextMark = Infinity;
        resolve({ ...figures, ...this.slots({ from, to }) });
      };
      this.marks = [open, close, end];
      this.nextMark = from;
      this.setTimer();
    });
  }

  /** The state of each time in a window so far. */
  slots({ from, to }) {
    const part = [from, to].map((time) => ((time - this.base) / 1000) * this.jobs);
    return { runs: this.runs.slice(...part), told: this.told.slice(...part) };
  }

  /** Noticed by the first run after it, or by a timer if nothing runs, since a busy event loop delays timers. */
  mark(now) {
    this.marks.shift()(now);
    this.setTimer();
  }

  setTimer() {
    if (this.nextMark === Infinity) return;
    setTimeout(
      () => {
        const now = Date.now();
        if (now >= this.nextMark) this.mark(now);
      },
      this.nextMark - Date.now() + SLACK_MS,
    );
  }

  slotOf(index, nominal) {
    return Math.floor((nominal - this.base) / 1000) * this.jobs + index;
  }
}

/** Whether each time has been run or reported by one of the processes. */
export function hasAll(logs) {
  return logs[0].runs.every((_, slot) => logs.some(({ runs, told }) => runs[slot] + told[slot] > 0));
}

/**
 * Combines the observations of the processes.
 *
 * @param {readonly any[]} logs - of each process, after the window and its late runs
 * @param {readonly any[]} later - the slots of each process, some time later
 */
export function together(logs, later) {
  const sum = (read, of = logs) => of.reduce((total, log) => total + read(log), 0);
  const latenesses = new Uint32Array(LONGEST_LATENESS_MS + 1);
  for (const log of logs) log.latenesses.forEach((count, ms) => void (latenesses[ms] += count));
  const slots = { due: logs[0].runs.length, made: 0, late: 0, told: 0, silent: 0, twice: 0 };
  for (let slot = 0; slot < slots.due; slot++) {
    const runs = sum((log) => log.runs[slot], later);
    if (runs > 0) slots.twice += runs - 1;
    if (sum((log) => log.runs[slot]) > 0) slots.made++;
    else if (runs > 0) slots.late++;
    else if (sum((log) => log.told[slot], later) > 0) slots.told++;
    else slots.silent++;
  }
  const fires = sum((log) => log.fires);
  return {
    fires,
    perSecond: sum((log) => (log.fires / log.elapsedMs) * 1000),
    clientUs: sum((log) => log.cpuUs),
    lateness: {
      p50: latenessAt(latenesses, fires * 0.5),
      p99: latenessAt(latenesses, fires * 0.99),
      max: latenesses.findLastIndex((count) => count > 0),
    },
    slots,
  };
}

function latenessAt(latenesses, rank) {
  let rest = rank;
  return latenesses.findIndex((count) => (rest -= count) <= 0);
}
