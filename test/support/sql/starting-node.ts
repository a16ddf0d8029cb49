/* A process of its own that opens a store's database when it is told to, and says how that went. */
import { once } from 'node:events';
import { readOptions } from '../../../lib/stores/sql/options/read-options.js';
import { openDatabase } from '../../../lib/stores/sql/sql-database.js';

const options = readOptions({ url: process.argv[2] ?? '' });
console.log('ready');
await once(process.stdin, 'data');
const database = await openDatabase(options);
await database.close();
console.log('done');
process.exit();
