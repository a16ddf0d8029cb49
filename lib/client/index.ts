/* What users import from `nestjs-apscheduler/client`. It runs in browsers too: nothing here may need Node.js. */
export { SchedulerClient, type EditOptions, type VersionedJob } from './client.js';
export {
  ApiError,
  ConflictError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  LimitError,
  NotFoundError,
  StaleEditError,
  UnauthorizedError,
  UnavailableError,
} from './errors.js';
export type { EventOptions } from './events.js';
export type { ExportedLine } from './lines.js';
export type { ClientOptions, RequestOptions } from './transport.js';
export type * from './wire.js';
