/* What users import from `nestjs-apscheduler/rest`: the REST API's input as classes for class-transformer and class-validator. */
export { EventQueryDto } from './event.dto.js';
export { AddJobDto, PauseJobDto, PutJobDto, RetryDto, UpdateJobDto } from './job.dto.js';
export { AuditQueryDto } from './audit.dto.js';
export { BulkDto } from './bulk.dto.js';
export { JobFilterDto, JobQueryDto, TimelessFilterDto, TimelineDto } from './job-query.dto.js';
export { ImportQueryDto } from './import.dto.js';
export { JobRunQueryDto, RunJobDto, RunJobQueryDto, RunQueryDto } from './run.dto.js';
export { ScopeBodyDto, ScopeDto, ShutdownDto } from './scope.dto.js';
export { ExclusionDto, NestedTriggerDto, PreviewDto, PreviewQueryDto, SeededJitterDto } from './trigger.dto.js';
