import { describe, expect, it } from 'vitest';
import { ofMysqlFamily } from '../../../../lib/stores/sql/dialects/find-dialect.js';

describe('The version that a server of the MySQL family tells', () => {
  it.each([
    ['10.11.6-MariaDB-0+deb12u1', 'mariadb'],
    ['5.5.5-10.6.12-MariaDB', 'mariadb'],
    ['12.0.2-MariaDB-log', 'mariadb'],
    ['8.0.36', 'mysql'],
    ['8.4.0-cluster', 'mysql'],
    ['9.1.0', 'mysql'],
  ])('tells what it is: %s', (version, name) => {
    expect(ofMysqlFamily(version).name).toBe(name);
  });

  it.each([
    [
      '10.5.23-MariaDB',
      'MariaDB 10.5.23-MariaDB is too old: FOR UPDATE SKIP LOCKED and exact collations came with 10.6.0',
    ],
    ['8.0.16', 'MySQL 8.0.16 is too old'],
    ['5.7.44-log', 'MySQL 5.7.44-log is too old'],
    ['', 'MySQL  is too old'],
  ])('is refused when it is too old: %s', (version, message) => {
    expect(() => ofMysqlFamily(version)).toThrow(message);
  });
});
