import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts a replica in its own process, and logs its end. */
function start(name: string): ChildProcess {
  const program = fileURLToPath(new URL('replica.js', import.meta.url));
  const child = fork(program, { env: { ...process.env, REPLICA: name } });
  child.on('exit', (code, signal) => console.log(`Replica ${name} has ended (${signal ?? code}).`));
  console.log(`Replica ${name} is process ${child.pid}.`);
  return child;
}

const replicas = ['a', 'b'].map(start);
console.log(`
Both keep their jobs in one SQLite file, and share the work. End one, without a word, and see the other go on:

  kill -9 ${replicas[0]?.pid}
`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The replicas end when they have released their runs, and then so does this process.
  process.on(signal, () => replicas.forEach((replica) => replica.kill(signal)));
}
