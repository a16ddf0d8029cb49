const LONGEST_LATENESS_MS = 120_000;
/** A timer may be a millisecond early. */
const SLACK_MS = 2;

/**
 * Records fires, their lateness and their cost: a warm-up, a window, and a short wait for late fires.
 *
 * The end of each phase is noticed by the first fire after it, or by a timer if nothing fires, since a busy event loop delays
 * timers.
 */
export class FireLog {
  /** @param {number} jobs - the number of jobs; each fires once per second */
  constructor(jobs) {
    this.jobs = jobs;
    this.lastNominal = new Float64Array(jobs);
    this.slots = new Uint16Array(jobs);
    this.latenesses = new Uint32Array(LONGEST_LATENESS_MS + 1);
    this.fires = 0;
    this.longestMs = 0;
    this.twice = 0;
    this.from = Infinity;
    this.to = -Infinity;
    this.isOpen = false;
    this.nextMark = Infinity;
    this.marks = [];
  }

  /**
   * To be called for each fire.
   *
   * @param {number} index - of the job
   * @param {number} nominal - the scheduled time, in epoch milliseconds
   * @returns {number} the current time, in epoch milliseconds
   */
  fired(index, nominal) {
    const now = Date.now();
    if (now >= this.nextMark) this.mark(now);
    if (this.isOpen) {
      const lateness = Math.min(Math.max(now - nominal, 0), LONGEST_LATENESS_MS);
      this.latenesses[lateness]++;
      if (lateness > this.longestMs) this.longestMs = lateness;
      this.fires++;
    }
    if (nominal >= this.from && nominal < this.to) {
      if (nominal > this.lastNominal[index]) this.slots[index]++;
      else this.twice++;
      this.lastNominal[index] = nominal;
    }
    return now;
  }

  /**
   * @param {{ warmUpMs: number, windowMs: number, lateMs: number }} phases - the window in whole seconds
   * @param {(figures: object) => void} done - called during a fire
   */
  watch({ warmUpMs, windowMs, lateMs }, done) {
    let usage;
    let figures;
    const open = (now) => {
      this.from = now;
      this.to = now + windowMs;
      this.isOpen = true;
      usage = process.cpuUsage();
      this.nextMark = this.to;
    };
    const close = (now) => {
      const { user, system } = process.cpuUsage(usage);
      this.isOpen = false;
      figures = { elapsedMs: now - this.from, cpuUs: user + system };
      this.nextMark = now + lateMs;
    };
    const end = () => {
      this.nextMark = Infinity;
      done({ ...figures, ...this.summary(windowMs) });
    };
    this.marks = [open, close, end];
    this.nextMark = Date.now() + warmUpMs;
    this.setTimer();
  }

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

  summary(windowMs) {
    const { fires, longestMs, twice, slots, jobs } = this;
    const slotsPerJob = windowMs / 1000;
    return {
      fires,
      lateness: { p50: this.latenessAt(0.5), p99: this.latenessAt(0.99), max: longestMs },
      slots: {
        due: jobs * slotsPerJob,
        made: slots.reduce((sum, made) => sum + made, 0),
        jobsWithGaps: slots.reduce((count, made) => count + (made < slotsPerJob ? 1 : 0), 0),
        twice,
      },
    };
  }

  latenessAt(share) {
    let rest = share * this.fires;
    for (let ms = 0; ms <= LONGEST_LATENESS_MS; ms++) {
      rest -= this.latenesses[ms];
      if (rest <= 0) return ms;
    }
    return LONGEST_LATENESS_MS;
  }
}
