import { IsIn, IsInt, Min } from 'class-validator';
import { IfGiven, IsSeconds, IsText, must } from './rules.js';

const COUNT = 'a whole number of at least 1';

/** A job's `retry`, where it is more than a number of attempts. */
export class RetryDto {
  @IsInt(must(COUNT))
  @Min(1, must(COUNT))
  attempts!: number;

  @IfGiven()
  @IsSeconds()
  delay?: number | string;

  @IfGiven()
  @IsIn(['fixed', 'exponential'], must('"fixed" or "exponential"'))
  backoff?: 'fixed' | 'exponential';

  @IfGiven()
  @IsSeconds()
  max_delay?: number | string;

  @IfGiven()
  @IsSeconds()
  jitter?: number | string;

  @IfGiven()
  @IsText("a registered predicate's name")
  retry_if?: string;
}
