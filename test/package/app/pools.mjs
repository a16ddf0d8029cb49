import { drizzle } from 'drizzle-orm/node-postgres';
import Knex from 'knex';
import { PostgresDialect } from 'kysely';
import { EVENT_JOB_EXECUTED, Scheduler } from 'nestjs-apscheduler/engine';
import { SqlJobStore } from 'nestjs-apscheduler/sql';
import pg from 'pg';
import { DataSource } from 'typeorm';

/* Runs a job on the pool of each of these, in a schema of its own, and says whether the application can still use the pool. */
const url = process.argv[2];

async function runOn(pool, schema) {
  const store = new SqlJobStore({ dialect: new PostgresDialect({ pool }), schema });
  const scheduler = new Scheduler({ jobStores: { default: store } });
  scheduler.registerTask('greet', () => 'Hello!');
  const executed = new Promise((resolve) => scheduler.addListener(resolve, EVENT_JOB_EXECUTED));
  await scheduler.start();
  await scheduler.addJob({ id: 'greet', task: 'greet' });
  await executed;
  await scheduler.shutdown();
}

const tables = (schema) => `SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = '${schema}'`;
const answers = {};

const pool = new pg.Pool({ connectionString: url });
const db = drizzle(pool);
await runOn(pool, 'by_drizzle');
answers.drizzle = (await db.execute(tables('by_drizzle'))).rows[0].count;
await pool.end();

const source = await new DataSource({ type: 'postgres', url }).initialize();
await runOn(source.driver.master, 'by_typeorm');
answers.typeorm = (await source.query(tables('by_typeorm')))[0].count;
await source.destroy();

const knex = Knex({ client: 'pg', connection: url });
const { client } = knex;
const ofKnex = {
  async connect() {
    const connection = await client.acquireConnection();
    return {
      query: (text, values) => connection.query(text, values),
      release: () => void client.releaseConnection(connection),
    };
  },
  end: () => Promise.resolve(),
};
await runOn(ofKnex, 'by_knex');
answers.knex = (await knex.raw(tables('by_knex'))).rows[0].count;
await knex.destroy();

console.log(JSON.stringify(answers));
