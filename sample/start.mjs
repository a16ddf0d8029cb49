/* npm start [-- <sample>]: builds what it needs and runs a sample, in that sample's own folder. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const samples = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'dist')
  .map(({ name }) => name);

const [name = '01-basics'] = process.argv.slice(2);
if (!samples.includes(name)) {
  console.error(`There is no sample "${name}". Choose one of: ${samples.join(', ')}`);
  process.exit(1);
}

endWithNpm();
await import('./build.mjs');
process.chdir(`${here}/${name}`);
await import(`./dist/${name}/main.js`);

/** npm passes a SIGTERM to its shell; many shells end without passing it on to this process. */
function endWithNpm() {
  const parent = process.ppid;
  const look = () => process.ppid === parent || process.kill(process.pid, 'SIGTERM');
  if (process.env.npm_lifecycle_event !== undefined) setInterval(look, 200).unref();
}
