/** What the server says about this dashboard. */
export interface Config {
  /** The address of the REST API, relative to the page's. */
  readonly api: string;
  readonly title: string;
  /** Null for the viewer's. */
  readonly timezone: string | null;
  readonly links: readonly { readonly label: string; readonly url: string }[];
}

export const config = JSON.parse(document.documentElement.dataset['config'] ?? '{}') as Config;
