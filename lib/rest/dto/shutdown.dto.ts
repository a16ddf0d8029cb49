import { IsBoolean } from 'class-validator';
import { IfGiven, must } from './rules.js';
import { ScopeDto } from './scope.dto.js';

/** The body of `POST /shutdown`. */
export class ShutdownDto extends ScopeDto {
  /** Wait for the runs that are under way, as long as the option `shutdownTimeout` says. @default true */
  @IfGiven()
  @IsBoolean(must('true or false'))
  wait?: boolean;
}
