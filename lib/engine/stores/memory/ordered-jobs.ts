import type { JobOrder } from '../../model/job-query.js';
import { nameKey } from '../job-search.js';
import type { MemoryEntry, PlacedJob } from './memory-entry.js';
import { SortedPlaces, sortPlaces } from './sorted-places.js';

/** How many jobs are put in their places before others have their turn: about a millisecond. */
const AT_ONCE = 1000;
/** How many changes of few jobs are noted. */
const FEWEST_CHANGES = 1000;

/**
 * All jobs in one order. What changes is only noted, and put in its place by the next search: a job that runs often costs
 * scheduling next to nothing.
 */
export class OrderedJobs {
  readonly places = new SortedPlaces<PlacedJob>();
  private readonly changed = new Set<MemoryEntry>();
  private building: Promise<void> | undefined;
  private isBuilt = false;

  /** @param pause - lets others have their turn; jobs may come and go meanwhile. */
  constructor(
    private readonly entries: ReadonlyMap<string, MemoryEntry>,
    private readonly order: JobOrder,
    private readonly pause: () => Promise<void>,
  ) {}

  /** Whether so much has changed since the last search that it is as well to begin anew: nobody searches any more. */
  get isAbandoned(): boolean {
    return this.changed.size > Math.max(FEWEST_CHANGES, this.entries.size / 2);
  }

  note(entry: MemoryEntry): void {
    this.changed.add(entry);
  }

  /** The job is gone: nothing must keep its arguments. */
  remove(entry: MemoryEntry): void {
    if (this.isBuilt) {
      this.changed.delete(entry);
      this.displace(entry);
    } else this.changed.add(entry);
  }

  /** Puts all jobs in their places that have changed so far. */
  async bringUpToDate(): Promise<void> {
    await (this.building ??= this.build());
    // Those that change meanwhile come behind them.
    let left = this.changed.size;
    for (const entry of this.changed) {
      if (left === 0) return;
      if (left-- % AT_ONCE === 0) await this.pause();
      this.changed.delete(entry);
      this.displace(entry);
      if (this.entries.get(entry.id) === entry) this.places.add(this.place(entry));
    }
  }

  private async build(): Promise<void> {
    const places: PlacedJob[] = [];
    for (const entry of this.entries.values()) {
      places.push(this.place(entry));
      if (places.length % AT_ONCE === 0) await this.pause();
    }
    this.places.fill(await sortPlaces(places, this.pause));
    this.isBuilt = true;
  }

  private place(entry: MemoryEntry): PlacedJob {
    const place = { key: keyOf(entry, this.order), id: entry.id, entry, among: this };
    (entry.places ??= { id: null, name: null, nextRun: null, lastRun: null })[this.order] = place;
    return place;
  }

  private displace({ places }: MemoryEntry): void {
    const place = places?.[this.order];
    if (!places || place?.among !== this) return;
    places[this.order] = null;
    this.places.remove(place);
  }
}

function keyOf(entry: MemoryEntry, order: JobOrder): string | number {
  if (order === 'name') return nameKey(entry.spec.name);
  if (order === 'nextRun') return entry.dueAt;
  return order === 'lastRun' ? (entry.runs?.last?.id ?? '') : '';
}
