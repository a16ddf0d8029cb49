import { SchedulerError } from '../../engine/errors.js';
import type { Backend } from './backend.js';
import { script } from './scripts/script.js';

/** What the keys mean: raised when an older release could not read them. */
const SCHEMA = 1;

const OPEN_SCHEMA = script(
  [],
  `
call('HSETNX', META, 'schema', ARGV[5])
return call('HGET', META, 'schema')
`,
);

/** @throws SchedulerError when a newer release has made what is there. */
export async function openSchema(backend: Backend): Promise<void> {
  const found = Number(await backend.run<string>(OPEN_SCHEMA, SCHEMA));
  if (found <= SCHEMA) return;
  const { prefix } = backend.options;
  const message = `its keys ${prefix}* are of a newer release (version ${found}, this one knows ${SCHEMA}); update nestjs-apscheduler, or use another namespace`;
  throw new SchedulerError('CONFIGURATION', message);
}
