/* Packages that take as long to load as all of the engine, for those processes that need them. CommonJS, because an ES module
   can only load at the start or asynchronously; bundlers follow these calls. */
exports.loadCron = () => require('cron');
exports.loadCronstrue = () => require('cronstrue');
