import type { JobDirectory } from './job-directory.js';
import { parseJobDefinition } from './job-input.js';
import { definitionsFromJson, jobsToJson, readText, writeText } from './job-transfer.js';
import type { Job } from './job.js';

/** What `exportJobs()` writes, and where. */
export interface ExportOptions {
  /** Written as well, whole or not at all. */
  file?: string;
  /** Only the jobs of this store. */
  jobStore?: string;
}

/** How `importJobs()` goes about it. */
export interface ImportOptions {
  /** Where they all go. @default the store that each came from */
  jobStore?: string;
  /** Take the places of jobs with the same ids. @default false */
  replaceExisting?: boolean;
}

export interface JobMoverParts {
  readonly directory: JobDirectory;
}

/** Brings jobs from one scheduler or store to another, as JSON. */
export class JobMover {
  constructor(private readonly parts: JobMoverParts) {}

  async exportJobs({ file, jobStore }: ExportOptions): Promise<string> {
    const text = jobsToJson(await this.parts.directory.list(jobStore));
    if (file !== undefined) await writeText(file, text);
    return text;
  }

  async importJobs(
    source: string | { file: string },
    { jobStore, replaceExisting = false }: ImportOptions,
  ): Promise<readonly Job[]> {
    const text = typeof source === 'string' ? source : await readText(source.file);
    const inputs = definitionsFromJson(text).map(({ definition, imported }) => ({
      ...parseJobDefinition({ ...definition, ...(jobStore !== undefined && { jobStore }), replaceExisting }),
      imported,
    }));
    // A task that is not here yet is no fault: its job waits for it.
    return this.parts.directory.addAll(inputs);
  }
}
