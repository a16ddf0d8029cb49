import { fileURLToPath } from 'node:url';
import { Program } from '../support/program.js';

const samples = fileURLToPath(new URL('../../sample/', import.meta.url));

/** A sample that has been built, in a process of its own, on a free port unless PORT says otherwise. */
export class SampleProcess extends Program {
  /** @param program - which file of the sample. */
  constructor(name: string, environment: Readonly<Record<string, string>> = {}, program = 'main') {
    super([`${samples}dist/${name}/${program}.js`], { cwd: `${samples}${name}`, env: { PORT: '0', ...environment } });
  }

  /** Where it listens, once it says so. */
  async url(): Promise<string> {
    const [, url = ''] = await this.writes(/(http:\/\/localhost:\d+)/);
    return url;
  }
}
