import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { ActingFor } from '../engine/audit/acting.js';
import { UPPER_BOUNDS } from '../engine/util/bounds.js';
import { isPlainObject } from '../engine/util/is-plain-object.js';
import { SchedulerService } from '../module/scheduler.service.js';
import { accessOf } from './access/request-access.js';
import type { ApiRequest } from './api-request.js';
import { InvalidInputException } from './input/invalid-input.exception.js';

type ActingRequest = ApiRequest & { readonly method: string; readonly ip?: string | undefined };

const MOST_NAME = 191;

/**
 * Handles requests that may change something for whoever sends them: the audit trail names them, the address that they come from,
 * as the application's proxy settings have it, and why: a `note` in the body, or else the header `X-Reason`.
 */
@Injectable()
export class ActingInterceptor implements NestInterceptor {
  constructor(@Inject(SchedulerService) private readonly scheduler: SchedulerService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ActingRequest>();
    if (request.method === 'GET' || request.method === 'HEAD') return next.handle();
    const by = actingFor(request);
    return new Observable((subscriber) => this.scheduler.actAs(by, () => next.handle().subscribe(subscriber)));
  }
}

function actingFor(request: ActingRequest): ActingFor {
  const reason = reasonOf(request);
  return {
    actor: accessOf(request).actor?.slice(0, MOST_NAME) ?? null,
    address: request.ip?.slice(0, MOST_NAME) ?? null,
    // The body is read later: its note is there when something has been done.
    get note() {
      return noteOf(request.body) ?? reason;
    },
  };
}

function noteOf(body: unknown): string | null {
  const note = isPlainObject(body) ? body['note'] : undefined;
  return typeof note === 'string' && note !== '' ? note : null;
}

/** @throws InvalidInputException when it is too long. */
function reasonOf({ headers }: ActingRequest): string | null {
  const given = String(headers['x-reason'] ?? '');
  const reason = decoded(given).trim();
  const most = UPPER_BOUNDS.textLength;
  if (reason.length <= most) return reason === '' ? null : reason;
  const problem = `must have at most ${most} characters, got ${reason.length}`;
  throw new InvalidInputException('Invalid request', [{ field: 'X-Reason', problem }]);
}

/** Node takes the bytes of headers for Latin-1, and most senders mean UTF-8. */
function decoded(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}
