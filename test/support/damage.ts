import { Redis } from 'ioredis';
import type { StoreUnderTest } from 'nestjs-apscheduler/testing';
import { plainSql } from './sql/plain-sql.js';

type Damage = Required<
  Pick<StoreUnderTest, 'damageJob' | 'damageRun' | 'damageNode' | 'damageCluster' | 'damageAudit'>
>;

/** Later than any calendar's end. */
const NEVER = '9000000000000000';

/** Ways to damage what a SQL store has in a namespace. */
export function damageSql(url: string, namespace: string): Damage {
  const isSqlite = url.startsWith('sqlite:');
  const set =
    (table: string, change: string) =>
    async (id: string): Promise<void> => {
      const where = `namespace = '${namespace}' AND id = '${id}'`;
      await plainSql(url, `UPDATE scheduler_${table} SET ${change} WHERE ${where}`);
    };
  // Who has read it before knows by its hash that it is another now.
  const spec = (value: string): ((id: string) => Promise<void>) => set('jobs', `spec = ${value}, spec_hash = 'other'`);
  const replace = (before: string, after: string): ((id: string) => Promise<void>) =>
    spec(`REPLACE(spec, '${before}', '${after}')`);
  return {
    damageJob: [
      ...["'{'", "'[]'", "'null'", "''"].map(spec),
      replace('"timezone":"UTC"', '"timezone":"Mars/Olympus"'),
      replace('"type":"interval"', '"type":"lunar"'),
      replace('"args":[]', '"args":{}'),
      replace('"kwargs":{}', '"kwargs":null'),
      replace('"maxInstances":1', '"maxInstances":-1'),
      replace('"misfireGraceTime":null', '"misfireGraceTime":"soon"'),
      replace('"overlap":"skip"', '"overlap":"what"'),
      set('jobs', `next_nominal_time = ${NEVER}`),
      set('jobs', `next_run_time = -${NEVER}`),
      set('jobs', 'paused = 7'),
      ...(isSqlite ? [set('jobs', "next_nominal_time = 'soon'"), set('jobs', "next_run_time = 'NaN'")] : []),
    ],
    damageNode: [
      "name = ''",
      `expires_at = ${NEVER}`,
      `expires_at = -${NEVER}`,
      `seen_at = ${NEVER}, started_at = ${NEVER}, skew_ms = -${NEVER}`,
      "description = '{'",
      ...(isSqlite ? ["expires_at = 'soon', seen_at = 'soon'", "name = x'00', description = x'00'"] : []),
    ].map((change) => async (instance: string) => {
      const where = `namespace = '${namespace}' AND id LIKE '${instance}-%'`;
      await plainSql(url, `UPDATE scheduler_nodes SET ${change} WHERE ${where}`);
    }),
    damageCluster: ['', 'null', '{', '{"mode":"paused"', '{"mode":"paused"}', '{"mode":"what","version":1}'].map(
      (value) => async () => {
        const where = `namespace = '${namespace}' AND name = 'cluster'`;
        await plainSql(url, `UPDATE scheduler_meta SET value = '${value}' WHERE ${where}`);
      },
    ),
    damageAudit: ["'{'", "'null'", 'REPLACE(entry, \'"changes":[]\', \'"changes":5\')'].map((entry) =>
      set('audit', `entry = ${entry}`),
    ),
    damageRun: [
      ...["error = '{'", "result = '{'", "log = '5'", "given = '7'", "state = 'what'", 'attempt = -1'],
      ...[`nominal_time = ${NEVER}`, `finished_at = ${NEVER}`, `fire_time = -${NEVER}`],
      ...(isSqlite ? ["started_at = 'soon'"] : []),
    ].map((change) => set('runs', change)),
  };
}

/** Ways to damage what a Redis store has under a prefix. */
export function damageRedis(url: string, prefix: string): Damage {
  const change =
    (hash: string, edit: (text: string) => string) =>
    async (id: string): Promise<void> => {
      const client = new Redis(url);
      await client.hset(prefix + hash, id, edit((await client.hget(prefix + hash, id)) ?? ''));
      client.disconnect();
    };
  const newRevision = change('state', (state) => state.replace(' 1 ', ' 2 '));
  const definition = (edit: (text: string) => string) => async (id: string) => {
    await change('jobs', edit)(id);
    // Who has read it before knows by its revision that it is another now.
    await newRevision(id);
  };
  const drop =
    (hash: string) =>
    async (id: string): Promise<void> => {
      const client = new Redis(url);
      await client.hdel(prefix + hash, id);
      client.disconnect();
    };
  return {
    damageJob: [
      ...['{', '[]', 'null', ''].map((text) => definition(() => text)),
      definition((text) => text.replace('"timezone":"UTC"', '"timezone":"Mars/Olympus"')),
      definition((text) => text.replace('"args":[]', '"args":{}')),
      definition((text) => text.replace('"task":"app:work"', '"task":5')),
      ...['', 'garbage', '1', '- 1 5 5 0'].map((state) => change('state', () => state)),
      change('state', (state) => state.replace(/(\d+) (\d)$/, 'soon $2')),
      change('state', (state) => state.replace(/(\d+) (\d)$/, `${NEVER} $2`)),
      change('state', (state) => state.replace(/(\d+) (\d+) (\d)$/, 'NaN $2 $3')),
      change('state', (state) => state.replace(/\d$/, '7')),
      drop('state'),
      async (id: string) => {
        await drop('jobs')(id);
        await newRevision(id);
      },
    ],
    damageNode: [
      ...['', 'garbage', '- 15000 node'].map((text) => change('nodes', () => text)),
      ...['', 'garbage', 'x y z'].map((text) => change('described', () => text)),
      ...['+inf', '-inf', NEVER].map((score) => async (instance: string) => {
        const client = new Redis(url);
        await client.zadd(`${prefix}beats`, score, instance);
        client.disconnect();
      }),
    ],
    damageCluster: ['', 'paused', 'what 1 1 node', 'paused x y z'].map(
      (text) => () => change('meta', () => text)('cluster'),
    ),
    damageAudit: [
      change('audit', () => 'garbage'),
      change('audit', () => ''),
      change('audit', (row) => row.replace('"changes":[]', '"changes":5')),
    ],
    damageRun: [
      change('runs', () => 'garbage'),
      change('runs', () => ''),
      change('runs', (row) => row.replace('{', '{{')),
      change('runs', (row) => row.replace('"state":"failed"', '"state":"what"')),
      change('runs', (row) => row.replace(/"fireTime":\d+/, `"fireTime":${NEVER}`)),
      change('runs', (row) => row.replace(/"attempt":1/, '"attempt":-1')),
      change('runs', (row) => row.replace('"log":[]', '"log":5')),
    ],
  };
}
