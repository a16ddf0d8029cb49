import { count, short, table } from '../support/markdown.mjs';
import { provenance } from '../support/results.mjs';

/** @param {object} result - what the suite measured */
export function toMarkdown({ pages, rates, settings, ...result }) {
  const { connections, forMs, rounds } = settings;
  return `# The REST API, measured

${provenance(result, 'api')}

An application of Nest on Express without authentication, in a process of its own; ${connections} connections ask without a pause. Costs are the
processor time of the server per request, the median of ${rounds} round(s) of ${forMs / 1000} s.

## Beside a bare controller

The bare controller answers the same JSON from an object that it has. A rate of 80 % means that a request costs a quarter more.

${table(
  ['', 'this API, ms', 'bare controller, ms', 'rate'],
  rates.map(({ name, shares }) => {
    const ours = median(shares.map(({ oursMs }) => oursMs));
    const bare = median(shares.map(({ bareMs }) => bareMs));
    return [name, ours.toFixed(2), bare.toFixed(2), `${((100 * bare) / ours).toFixed(0)} %`];
  }),
)}

The targets are 80 % for one job and 40 % for the array. One job is bounded by what the route has and the bare one has not: access control,
validation and views. In the array each job is made from its record for each response: the options of its trigger, times in its zone and names of
the wire.

## Pages of 100 jobs

One of 100 jobs has the tag, so a page of more jobs has up to 100 times as many on it. Searches for a text look at up to 10,000 jobs at a time.

How many milliseconds of processor time a page costs; in brackets how long anything else had to wait at most, in milliseconds.

${[...new Set(pages.map(({ store }) => store))].map((store) => pagesOf(store, pages)).join('\n\n')}
`;
}

function pagesOf(store, pages) {
  const those = pages.filter((page) => page.store === store);
  const sizes = [...new Set(those.map(({ jobs }) => jobs))];
  const names = [...new Set(those.map(({ name }) => name))];
  const cell = (name, jobs) => {
    const { rounds } = those.find((page) => page.name === name && page.jobs === jobs);
    const longest = Math.min(...rounds.map(({ longestMs }) => longestMs));
    return `${short(median(rounds.map(({ cpuMs }) => cpuMs)))} (${longest.toFixed(0)})`;
  };
  const rows = names.map((name) => [name, ...sizes.map((jobs) => cell(name, jobs))]);
  return `### ${store}\n\n${table(['', ...sizes.map((jobs) => `${count(jobs)} jobs`)], rows)}`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
