/* Forgets `threadWorker()`. */
export { WorkModule as default } from './work.module.js';
