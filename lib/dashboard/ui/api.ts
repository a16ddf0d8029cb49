import { signal } from '@preact/signals';
import { SchedulerClient } from '../../client/index.js';
import type { SchedulerInfo } from '../../client/index.js';
import { config } from './config.js';

export const client = new SchedulerClient({ url: new URL(config.api, location.href).href, retries: 0 });

export type Action = SchedulerInfo['can'][number];

/** Null until the API has answered once. */
export const info = signal<SchedulerInfo | null>(null);

/** Whether the viewer may do something: what would be refused is not offered. */
export const can = (action: Action): boolean => info.value?.can.includes(action) ?? false;
