import type { Fault } from '../../engine/errors.js';
import type { SchedulerScope } from '../../engine/lifecycle/lifecycle-options.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import { readDto } from './read-dto.js';
import { ScopeDto } from './scope.dto.js';
import { ShutdownDto } from './shutdown.dto.js';

/**
 * Whom a request to start, pause or resume means.
 *
 * @throws InvalidBodyException
 */
export function readScope(body: unknown, query: unknown): { readonly scope: SchedulerScope } {
  return scopeOf(readDto(ScopeDto, body), query);
}

/**
 * What a request to shut down asks for.
 *
 * @throws InvalidBodyException
 */
export function readShutdown(
  body: unknown,
  query: unknown,
): { readonly scope: SchedulerScope; readonly wait: boolean } {
  const read = readDto(ShutdownDto, body);
  return { ...scopeOf(read, query), wait: read.dto.wait ?? true };
}

/** Who asks over the network asks one of many, and means them all. */
function scopeOf(
  { dto, faults: inBody }: { readonly dto: ScopeDto; readonly faults: readonly Fault[] },
  query: unknown,
): { readonly scope: SchedulerScope } {
  const { dto: asked, faults: inQuery } = readDto(ScopeDto, { ...(query as object) });
  const faults = [...inBody, ...inQuery];
  const isOneOfTwo = dto.scope !== undefined && asked.scope !== undefined && dto.scope !== asked.scope;
  if (isOneOfTwo && faults.length === 0) {
    faults.push({ field: 'scope', problem: `is "${dto.scope}" in the body and "${asked.scope}" in the query` });
  }
  if (faults.length > 0) throw new InvalidBodyException('Invalid request', faults);
  return { scope: dto.scope ?? asked.scope ?? 'cluster' };
}
