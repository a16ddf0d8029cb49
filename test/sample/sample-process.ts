import { fileURLToPath } from 'node:url';
import { Program } from '../support/program.js';

const samples = fileURLToPath(new URL('../../sample/', import.meta.url));

/** A built sample in its own process, on a free port unless PORT is given. */
export class SampleProcess extends Program {
  /** @param program - the file of the sample to run. */
  constructor(name: string, environment: Readonly<Record<string, string>> = {}, program = 'main') {
    super([`${samples}dist/${name}/${program}.js`], {
      cwd: `${samples}${name}`,
      env: { PORT: '0', SCHEDULER_PASSWORD: 'secret', ...environment },
    });
  }

  /** Its address, once it has logged it. */
  async url(): Promise<string> {
    const [, url = ''] = await this.writes(/(http:\/\/localhost:\d+)/);
    return url;
  }
}
