import { HttpCode, HttpException, HttpStatus, Req, type StreamableFile } from '@nestjs/common';
import { InvalidInputError, SchedulerError } from '../engine/errors.js';
import { cutText } from '../engine/runs/cut-text.js';
import type { ImportedLine, ImportGate } from '../engine/transfer/job-streams.js';
import { show } from '../engine/util/inspect.js';
import { nestLogger } from '../module/nest.logger.js';
import type { ApiRequest } from './api-request.js';
import { bodyStream, type FrameworkRequest } from './body/body-stream.js';
import { BulkRoutes } from './bulk-routes.js';
import { Route } from './endpoints/route.decorator.js';
import { jsonHazards } from './input/json-hazards.js';
import { readImport, readJobFilter } from './input/request-input.js';
import { wireMessage } from './scheduler-exception.filter.js';
import { streamedText } from './streamed-text.js';

type WireObject = Record<string, unknown>;

/** How many lines a response names that could not be imported. */
const MOST_ERRORS = 1000;
const MAX_MESSAGE_LENGTH = 1000;

/** The routes that export and import jobs. The controller inherits them, as those of runs. */
export abstract class TransferRoutes extends BulkRoutes {
  @Route('export_jobs')
  async exportJobs(@Req() request: ApiRequest): Promise<StreamableFile> {
    const view = this.views.of(request);
    const query = readJobFilter(request.query, (read) => this.scheduler.checkJobQuery(read));
    const { isMeant, where } = this.visible.within(request, query);
    const texts = this.scheduler.exportStream(where, {
      ...(isMeant && { isMeant }),
      shown: (job) => view.shown(job),
      shownUnreadable: (job) => (this.visible.areLimited(request) ? null : view.shownUnreadable(job)),
    });
    // What fails at once is an error, not a response that ends.
    const first = await texts.next();
    return streamedText(beginningWith(first.value ?? '', texts), 'application/x-ndjson', 'An export', nestLogger());
  }

  /** Lines are imported while the body is read: it may be of any length. */
  @Route('import_jobs')
  @HttpCode(HttpStatus.OK)
  async importJobs(@Req() request: ApiRequest): Promise<WireObject> {
    const options = readImport(request.query);
    this.visible.assertNoReplacement(request, options.onConflict === 'replace');
    const body = bodyStream(request as unknown as FrameworkRequest);
    const maxLineBytes = this.options.limits.bodyBytes;
    const counts = { added: 0, replaced: 0, skipped: 0, failed: 0 };
    const errors: WireObject[] = [];
    const gate = this.gateOf(request, options.dryRun ?? false);
    for await (const result of this.scheduler.importStream(body, { ...options, maxLineBytes }, gate)) {
      counts[result.outcome]++;
      if (result.error && errors.length < MOST_ERRORS) errors.push(this.errorOf(result, result.error));
    }
    return { ...counts, dry_run: options.dryRun ?? false, errors };
  }

  /** What holds for jobs that are added one by one holds for these. */
  private gateOf(request: ApiRequest, isDryRun: boolean): ImportGate {
    return {
      faults: jsonHazards,
      admit: async (definition, add) => {
        const faults = this.input.importFaults(definition);
        if (faults.length > 0) throw new InvalidInputError(`Invalid job ${show(definition.id)}`, faults);
        try {
          this.visible.assertTags(request, definition.tags);
          if (!isDryRun) return await this.jobLimits.add(definition, add);
          await this.jobLimits.assertInterval(definition);
          return await add();
        } catch (error) {
          if (!(error instanceof HttpException)) throw error;
          throw new SchedulerError('INVALID_INPUT', error.message);
        }
      },
    };
  }

  private errorOf({ id, line }: ImportedLine, error: SchedulerError): WireObject {
    // Lines have the engine's names for members.
    const message = error instanceof InvalidInputError ? error.message : wireMessage(error, this.views);
    return { line, id, error_message: cutText(message, MAX_MESSAGE_LENGTH) };
  }
}

async function* beginningWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
