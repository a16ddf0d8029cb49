import type { AuditRecord } from '../../model/audit.js';
import type { StatisticsCell, StatisticsSpan } from '../../model/statistics.js';
import type { AuditFilter } from '../job-store.js';
import { MemoryAudit } from './audit.js';
import { MemoryStatistics } from './statistics.js';

/** What a store in this process keeps apart from jobs and runs. */
export abstract class MemoryRecords {
  protected readonly audit = new MemoryAudit();
  private readonly statistics = new MemoryStatistics();

  async addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
    this.statistics.add(cells);
  }

  async getStatistics(span: StatisticsSpan, from: number): Promise<readonly StatisticsCell[]> {
    return this.statistics.list(span, from);
  }

  async appendAudit(entries: readonly AuditRecord[]): Promise<void> {
    this.audit.append(entries);
  }

  async findAudit(filter: AuditFilter): Promise<readonly AuditRecord[]> {
    return this.audit.find(filter);
  }
}
