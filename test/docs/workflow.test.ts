import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { recipes } from '../support/servers/recipes.js';

interface Job {
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly services?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly run?: string }[];
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { jobs } = parse(read('.github/workflows/ci.yml')) as { jobs: Record<string, Job> };
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

it('The public CI workflow tests on Node 20, 22 and 24, with a service for each kind of server', () => {
  const job = jobs['test'];
  expect(job?.strategy?.matrix.node).toEqual([20, 22, 24]);
  expect(Object.keys(job?.env ?? {}).toSorted()).toEqual(
    Object.values(recipes)
      .map(({ urlVariable }) => urlVariable)
      .toSorted(),
  );
  expect(Object.keys(job?.services ?? {})).toHaveLength(Object.keys(recipes).length);
});

it('The public CI workflow runs only npm scripts that exist', () => {
  const commands = Object.values(jobs).flatMap(({ steps }) => steps.map(({ run }) => run ?? ''));
  const named = commands.flatMap((command) => [...command.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
