import { hostname } from 'node:os';
import { HostNotAllowedError, SchedulerError } from 'nestjs-apscheduler';
import { describe, expect, it } from 'vitest';
import { SchedulerHost } from '../../../lib/module/scheduler.host.js';

describe('SchedulerHost', () => {
  it('has the name of the computer in lower case', () => {
    expect(new SchedulerHost(['*']).name).toBe(hostname().toLowerCase());
  });

  it.each([[['*']], [['elsewhere', hostname().toUpperCase()]], [['elsewhere', '*']]])('is allowed by %j', (hosts) => {
    const host = new SchedulerHost(hosts);
    expect(host.isAllowed).toBe(true);
    expect(() => host.assertAllowed()).not.toThrow();
  });

  it.each([[[]], [['elsewhere']], [[`${hostname()}.not`]]])('is not allowed by %j', (hosts) => {
    const host = new SchedulerHost(hosts);
    expect(host.isAllowed).toBe(false);
    expect(() => host.assertAllowed()).toThrow(HostNotAllowedError);
  });

  it('lets nothing begin once it is closed', () => {
    const host = new SchedulerHost(['*']);
    expect(() => host.assertOpen()).not.toThrow();
    host.close();
    expect(() => host.assertOpen()).toThrow(SchedulerError);
  });
});
