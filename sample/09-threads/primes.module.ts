import { Injectable, Module } from '@nestjs/common';
import { type RunContext, ScheduledTask } from 'nestjs-apscheduler';

/** Work that needs the processor: in the main thread each of these would stop everything else. */
@Injectable()
export class PrimesService {
  @ScheduledTask('interval', { id: 'primes', seconds: 5, runOnStart: true, executor: 'cpu', args: [3_000_000] })
  count(limit: number, run: RunContext): string {
    let found = 0;
    for (let n = 2; n < limit; n++) {
      if (isPrime(n)) found++;
      if (n % 100_000 === 0) run.progress(n / limit);
    }
    return `${found} primes below ${limit}`;
  }

  /** Never ends, and does not look at its signal: its time-out ends the thread. */
  @ScheduledTask('interval', { id: 'stuck', seconds: 10, runOnStart: true, executor: 'cpu', timeout: 2 })
  stuck(): void {
    for (let n = 0; n >= 0; n = (n + 1) % 1000);
  }
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

/** Stands in the application, which declares its jobs, and in each worker thread, which runs them. */
@Module({ providers: [PrimesService] })
export class PrimesModule {}
