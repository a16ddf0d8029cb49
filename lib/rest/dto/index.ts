/* What users import from `nestjs-apscheduler/rest`: what the REST API takes, as classes with rules of class-validator. */
export { AddJobDto } from './add-job.dto.js';
export { PreviewQueryDto } from './preview-query.dto.js';
export { PreviewDto } from './preview.dto.js';
export { RetryDto } from './retry.dto.js';
export { RunJobDto, RunJobQueryDto } from './run-job.dto.js';
export { JobRunQueryDto, RunQueryDto } from './run-query.dto.js';
export { ScopeDto } from './scope.dto.js';
export { ShutdownDto } from './shutdown.dto.js';
export { UpdateJobDto } from './update-job.dto.js';
