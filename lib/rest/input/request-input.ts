import type { Type } from '@nestjs/common';
import type { TriggerInput } from '../../engine/jobs/job-definition.js';
import { parseTrigger } from '../../engine/jobs/job-input.js';
import type { SchedulerScope } from '../../engine/lifecycle/lifecycle-options.js';
import type { BulkRequest } from '../../engine/jobs/bulk-jobs.js';
import type { JobQuery } from '../../engine/model/job-query.js';
import type { AuditQuery } from '../../engine/model/audit.js';
import type { RunQuery } from '../../engine/model/run-record.js';
import { parseDate } from '../../engine/time/iso-date.js';
import { FaultList } from '../../engine/triggers/fault-list.js';
import type { TimelineQuery } from '../../engine/jobs/timeline.js';
import type { PreviewOptions } from '../../engine/jobs/preview.js';
import type { ExportQuery, ImportStreamOptions } from '../../engine/transfer/job-streams.js';
import { toCamelCase } from '../../module/spelling.js';
import { AuditQueryDto } from '../dto/audit.dto.js';
import { BulkDto } from '../dto/bulk.dto.js';
import { ImportQueryDto } from '../dto/import.dto.js';
import { JobFilterDto, JobQueryDto, TimelessFilterDto, TimelineDto } from '../dto/job-query.dto.js';
import type { JobRunQueryDto } from '../dto/run.dto.js';
import { EventQueryDto } from '../dto/event.dto.js';
import { ScopeDto } from '../dto/scope.dto.js';
import type { PreviewDto, PreviewQueryDto } from '../dto/trigger.dto.js';
import { fromDto } from '../wire/case.js';
import { InputPipe } from './input.pipe.js';

/* The input of requests as the engine takes it. Each function throws an InvalidInputException that names every fault. */

/** The scope is in the body or in the query. Without one it is the cluster, unlike in code. */
export function readScope<T extends ScopeDto>(
  type: Type<T>,
  body: unknown,
  query: unknown,
): Omit<T, 'scope' | 'note'> & { scope: SchedulerScope } {
  const { dto: asked, faults } = new InputPipe(ScopeDto).check(query);
  const pipe = new InputPipe(type, {
    findFaults: ({ scope = asked.scope }) =>
      asked.scope === undefined || asked.scope === scope
        ? faults
        : [...faults, { field: 'scope', problem: `is "${scope}" in the body and "${asked.scope}" in the query` }],
  });
  const { note: _note, ...given } = fromDto(pipe.transform(body)) as Omit<T, 'scope'> & { note?: string };
  return { scope: asked.scope ?? 'cluster', ...(given as Omit<T, 'scope' | 'note'>) };
}

/** @param check - throws what the engine finds wrong with a query. */
export function readRunQuery(type: Type<JobRunQueryDto>, query: unknown, check: (query: RunQuery) => void): RunQuery {
  const toQuery = (dto: JobRunQueryDto): RunQuery => fromDto(dto) as RunQuery;
  const subject = (): string => 'Invalid query for runs';
  return toQuery(new InputPipe(type, { subject, checkByEngine: (dto) => check(toQuery(dto)) }).transform(query));
}

/** @param check - throws what the engine finds wrong with a query. */
export function readJobFilter(input: unknown, check: (query: JobQuery) => void): ExportQuery {
  const toQuery = (dto: JobFilterDto): ExportQuery => fromDto(dto) as ExportQuery;
  const subject = (): string => 'Invalid query for jobs';
  return toQuery(
    new InputPipe(JobFilterDto, { subject, checkByEngine: (read) => check(toQuery(read)) }).transform(input),
  );
}

export function readImport(query: unknown): ImportStreamOptions {
  return fromDto(
    new InputPipe(ImportQueryDto, { subject: () => 'Invalid import' }).transform(query),
  ) as ImportStreamOptions;
}

/** @param check - throws what the engine finds wrong with a query. */
export function readAuditQuery(query: unknown, check: (query: AuditQuery) => void): AuditQuery {
  const toQuery = (dto: AuditQueryDto): AuditQuery => fromDto(dto) as AuditQuery;
  const subject = (): string => 'Invalid query for the audit trail';
  return toQuery(
    new InputPipe(AuditQueryDto, { subject, checkByEngine: (dto) => check(toQuery(dto)) }).transform(query),
  );
}

/** @param check - throws what the engine finds wrong with a query. */
export function readJobQuery(
  input: unknown,
  check: (query: JobQuery) => void,
): { readonly query: JobQuery; readonly fields: readonly string[] | undefined } {
  const toQuery = ({ fields: _fields, sort, ...dto }: JobQueryDto): JobQuery => {
    const query = fromDto(Object.assign(new JobQueryDto(), dto)) as JobQuery;
    return sort === undefined ? query : { ...query, sort: toCamelCase(sort) as NonNullable<JobQuery['sort']> };
  };
  const subject = (): string => 'Invalid query for jobs';
  const dto = new InputPipe(JobQueryDto, { subject, checkByEngine: (read) => check(toQuery(read)) }).transform(input);
  return { query: toQuery(dto), fields: dto.fields };
}

/** @param check - throws what the engine finds wrong with a request. */
export function readBulk(body: unknown, check: (request: BulkRequest) => void): BulkRequest {
  const toRequest = (dto: BulkDto): BulkRequest => fromDto(dto) as BulkRequest;
  const subject = (): string => 'Invalid bulk request';
  return toRequest(
    new InputPipe(BulkDto, { subject, checkByEngine: (read) => check(toRequest(read)) }).transform(body),
  );
}

/** @param check - throws what the engine finds wrong with a query. */
export function readTimeline(input: unknown, check: (query: TimelineQuery) => void): TimelineQuery {
  const toQuery = ({ from, limit, resolution, to, ...where }: TimelineDto): TimelineQuery => ({
    to,
    where: fromDto(Object.assign(new TimelessFilterDto(), where)) as JobQuery,
    ...(from !== undefined && { from }),
    ...(limit !== undefined && { limit }),
    ...(resolution !== undefined && { resolution }),
  });
  const subject = (): string => 'Invalid query for a timeline';
  return toQuery(
    new InputPipe(TimelineDto, { subject, checkByEngine: (read) => check(toQuery(read)) }).transform(input),
  );
}

/** @returns undefined where everything is asked for. */
export function readEventQuery(query: unknown): {
  readonly jobIds: readonly string[] | undefined;
  readonly types: readonly string[] | undefined;
} {
  const { job_id: jobIds, type: types } = new InputPipe(EventQueryDto, {
    subject: () => 'Invalid query for events',
  }).transform(query);
  return { jobIds, types };
}

/** A query has no trigger. */
export function readPreview(
  type: Type<PreviewDto | PreviewQueryDto>,
  input: unknown,
): { readonly trigger: TriggerInput; readonly options: PreviewOptions } {
  const read = (dto: PreviewDto | PreviewQueryDto) => {
    const { count, from, ...trigger } = fromDto(dto) as Partial<PreviewDto>;
    return { trigger: trigger as unknown as TriggerInput, options: { count, from } as PreviewOptions };
  };
  const checkByEngine = (dto: PreviewDto | PreviewQueryDto): void => {
    const { trigger, options } = read(dto);
    const faults = new FaultList();
    if ('trigger' in dto && dto.trigger !== undefined) faults.attempt(() => parseTrigger(trigger));
    const { from } = options;
    if (typeof from === 'string') faults.attempt(() => parseDate(from, 'from', 'UTC'));
    faults.throwIfAny('Invalid preview');
  };
  return read(new InputPipe(type, { subject: () => 'Invalid preview', checkByEngine }).transform(input));
}
