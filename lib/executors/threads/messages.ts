import type { MessagePort } from 'node:worker_threads';
import type { RunEnvelope } from '../../engine/executors/run-envelope.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { CarriedError } from '../remote/carried-error.js';
import type { LoggedLine } from '../remote/run-reports.js';

/* What the main thread and a worker thread say to each other. */

/** The run that a thread is to carry out. */
export interface ThreadTask {
  readonly envelope: RunEnvelope;
  /** For what both sides say while it goes on. */
  readonly port: MessagePort;
}

/** Main thread to worker thread, on the port of a run. */
export interface AbortMessage {
  readonly abort: CarriedError;
}

/** Worker thread to main thread, on the port of a run. */
export interface ReportMessage {
  /** The thread has the run: its `threadId`. */
  readonly taken?: number;
  /** The thread's application does not start: it is of no use. */
  readonly unusable?: CarriedError;
  /** What the task has said by `log()`. */
  readonly lines?: readonly string[];
  readonly logged?: readonly LoggedLine[];
  readonly progress?: number;
}

/** How a run ended, as the pool hands it over. */
export type ThreadAnswer =
  | { readonly kind: typeof ANSWER; /** By `v8.serialize()`. */ readonly value: Uint8Array }
  | { readonly kind: typeof ANSWER; readonly error: CarriedError };

export const ANSWER = 'nestjs-apscheduler/answer';

export function isAnswer(value: unknown): value is ThreadAnswer {
  return isPlainObject(value) && value['kind'] === ANSWER;
}

/** On the channel of an executor: asks all threads to close their applications. */
export const CLOSE = 'close';
/** What a thread says on that channel when it has done so: its `threadId`. */
export interface ClosedMessage {
  readonly closed: number;
}

/** What each thread of an executor is started with. */
export interface ThreadData {
  /** The name of the executor's channel. */
  readonly channel: string;
}
