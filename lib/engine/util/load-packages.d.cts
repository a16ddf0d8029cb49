export function loadCron(): typeof import('cron');
export function loadCronstrue(): typeof import('cronstrue');
