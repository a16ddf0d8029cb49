/** Builds the pages, and returns the source of the module that has them: `lib/dashboard/files.ts`. */
export function dashboardModule(): Promise<string>;
