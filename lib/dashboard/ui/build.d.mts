import type { DashboardFiles } from '../files.js';

export function dashboardFiles(): Promise<DashboardFiles>;
