/** A file of the dashboard that browsers load. */
export interface DashboardFile {
  /** It has a hash of the content in it. */
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

/** The built dashboard: one script and one style sheet. */
export interface DashboardFiles {
  readonly script: DashboardFile;
  readonly style: DashboardFile;
}

/** Null in the sources: `ui/build.mjs` builds the pages, which take its place where the package or the tests need them. */
export const DASHBOARD_FILES: DashboardFiles | null = null;
