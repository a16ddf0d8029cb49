import { Catch, Inject, HttpException, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  ConflictingIdError,
  InvalidInputError,
  JobLookupError,
  SchedulerError,
  type SchedulerErrorCode,
} from '../engine/errors.js';
import { nestLogger } from '../module/nest.logger.js';
import { cutText } from '../engine/runs/cut-text.js';
import { InvalidInputException, wireFaults } from './input/invalid-input.exception.js';
import { StaleEditException } from './input/stale-edit.exception.js';
import { WireViews } from './wire-views.js';

const STATUSES: Readonly<Record<SchedulerErrorCode, HttpStatus>> = {
  INVALID_INPUT: HttpStatus.BAD_REQUEST,
  ALREADY_RUNNING: HttpStatus.BAD_REQUEST,
  NOT_RUNNING: HttpStatus.BAD_REQUEST,
  HOST_NOT_ALLOWED: HttpStatus.BAD_REQUEST,
  JOB_NOT_FOUND: HttpStatus.NOT_FOUND,
  JOB_CONFLICT: HttpStatus.CONFLICT,
  RUN_DEADLOCK: HttpStatus.CONFLICT,
  JOB_UNREADABLE: HttpStatus.CONFLICT,
  MAX_INSTANCES: HttpStatus.CONFLICT,
  NOT_RUN_HERE: HttpStatus.CONFLICT,
  TASK_FAILED: HttpStatus.INTERNAL_SERVER_ERROR,
  THREAD_FAILED: HttpStatus.INTERNAL_SERVER_ERROR,
  WORKER_FAILED: HttpStatus.INTERNAL_SERVER_ERROR,
  STORE_FAILED: HttpStatus.SERVICE_UNAVAILABLE,
  RUN_TIMED_OUT: HttpStatus.INTERNAL_SERVER_ERROR,
  RUN_LOST: HttpStatus.INTERNAL_SERVER_ERROR,
  RUN_CANCELLED: HttpStatus.CONFLICT,
  RUN_OVER: HttpStatus.CONFLICT,
  RUN_ACTIVE: HttpStatus.CONFLICT,
  RUN_UNREADABLE: HttpStatus.CONFLICT,
  RUN_NOT_FOUND: HttpStatus.NOT_FOUND,
  JOB_STALE: HttpStatus.PRECONDITION_FAILED,
  CONFIGURATION: HttpStatus.INTERNAL_SERVER_ERROR,
};

const UNREADABLE: ReadonlySet<SchedulerErrorCode> = new Set(['JOB_UNREADABLE', 'RUN_UNREADABLE']);

/** Longer messages are cut: some repeat what was sent, for each of its faults. */
const MAX_MESSAGE_LENGTH = 16_000;

interface Answer {
  readonly status: number;
  readonly message: string;
}

/** Answers every error of the API as Flask-APScheduler does: `{"error_message": "..."}`. */
@Catch()
export class SchedulerExceptionFilter implements ExceptionFilter {
  private readonly logger = nestLogger();

  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(WireViews) private readonly views: WireViews,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) return;
    const { status, message } = this.answer(exception);
    const details = exception instanceof StaleEditException ? { differences: exception.differences } : {};
    // Outages are short, or long enough to make no difference.
    if (status >= (HttpStatus.SERVICE_UNAVAILABLE as number)) httpAdapter.setHeader(response, 'Retry-After', '1');
    httpAdapter.reply(response, { error_message: cutText(message, MAX_MESSAGE_LENGTH), ...details }, status);
  }

  private answer(exception: unknown): Answer {
    if (exception instanceof SchedulerError) {
      return { status: STATUSES[exception.code], message: wireMessage(exception, this.views) };
    }
    if (exception instanceof HttpException) {
      return { status: exception.getStatus(), message: exception.message };
    }
    this.logger.error('A request to the scheduler failed', exception);
    return { status: HttpStatus.INTERNAL_SERVER_ERROR, message: 'Internal server error' };
  }
}

/** What is said of an error: in the words of the contract, and with the wire's names for members. */
export function wireMessage(error: SchedulerError, { hidesRecords }: Pick<WireViews, 'hidesRecords'>): string {
  // Why it cannot be read may quote what is hidden.
  if (hidesRecords && UNREADABLE.has(error.code)) return 'Its record cannot be read';
  if (error instanceof ConflictingIdError) return `Job ${error.jobId} already exists.`;
  if (error instanceof JobLookupError) return `Job ${error.jobId} not found`;
  return error instanceof InvalidInputError
    ? new InvalidInputException(error.subject, wireFaults(error)).message
    : error.message;
}
