import { describeSqlJobStore } from './sql.job-store.suite.js';

await describeSqlJobStore('postgres');
