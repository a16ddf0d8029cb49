/** The dashboard's options. */
export interface DashboardOptions {
  /** Where it is served, under `apiPrefix`; not the path of an API route. @default '/ui' */
  path?: string;
  /** What its pages are called. @default 'Scheduler' */
  title?: string;
  /** The time zone that it shows times in until the viewer chooses one: an IANA name or a fixed offset. @default the viewer's */
  timezone?: string;
  /** Links in its navigation, to the application's own pages or to its logs, for example. @default none */
  links?: readonly DashboardLink[];
}

export interface DashboardLink {
  readonly label: string;
  /** An http or https address, or a path of the same origin that begins with a slash. */
  readonly url: string;
}

/** {@link DashboardOptions} with every default filled in. */
export interface ResolvedDashboard {
  readonly path: string;
  readonly title: string;
  /** Null for the viewer's. */
  readonly timezone: string | null;
  readonly links: readonly DashboardLink[];
}
