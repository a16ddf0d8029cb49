import {
  BadRequestException,
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { rawRequest, type FrameworkRequest } from './body-stream.js';
import { readBytes } from './read-bytes.js';

/**
 * Reads the body as JSON, whatever its Content-Type says. Interceptors come after guards: of who is not let in, not a
 * byte is parsed.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  constructor(@Inject(SCHEDULER_OPTIONS) private readonly options: Pick<ResolvedSchedulerOptions, 'limits'>) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FrameworkRequest>();
    request.body = await readBody(request, this.options.limits.bodyBytes);
    return next.handle();
  }
}

async function readBody(request: FrameworkRequest, limit: number): Promise<unknown> {
  const raw = rawRequest(request);
  // A parser that came before us may have left a parsed body, or the bytes.
  const { body = (raw as { body?: unknown }).body } = request;
  if (body === undefined) return parse(await readBytes(raw, limit));
  return typeof body === 'string' || Buffer.isBuffer(body) ? parse(Buffer.from(body)) : body;
}

/** @returns undefined when there is no body. */
function parse(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BadRequestException(
      `The body is not valid JSON: ${cause instanceof Error ? cause.message : 'unreadable'}`,
      {
        cause,
      },
    );
  }
}
