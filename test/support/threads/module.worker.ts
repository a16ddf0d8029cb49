/* Forgets `threadWorker()`. */
// eslint-disable-next-line import/no-default-export -- what threads load
export { WorkModule as default } from './work.module.js';
