import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../../../../lib/stores/sql/options/read-options.js';
import { openDatabase } from '../../../../lib/stores/sql/sql-database.js';
import { findProgram } from '../../../support/servers/find-program.js';
import { LocalServer } from '../../../support/servers/local-server.js';
import { mariadb } from '../../../support/servers/mariadb.js';
import { postgres } from '../../../support/servers/postgres.js';
import { serverAccount } from '../../../support/servers/server-account.js';

/** Parameters of a URL, and how it connects: encrypted or not, or the error. */
interface Case {
  readonly title: string;
  readonly query: (certificate: string) => string;
  /** Whether the server's certificate is for another name than that in the URL. */
  readonly isForAnother?: boolean;
  readonly isEncrypted?: boolean;
  readonly refusal?: RegExp;
}

const kinds = [
  {
    recipe: mariadb,
    tlsArgs: (certificate: string, key: string) => [`--ssl-cert=${certificate}`, `--ssl-key=${key}`],
    plainArgs: ['--skip-ssl'],
    isEncrypted: sql<{ encrypted: number }>`
      SELECT VARIABLE_VALUE <> '' AS encrypted FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'`,
    demanding: 'ssl-mode=REQUIRED',
    cases: [
      { title: 'nothing asked', query: () => '', isEncrypted: false },
      { title: 'ssl-mode=REQUIRED', query: () => 'ssl-mode=REQUIRED', isEncrypted: true },
      {
        title: 'a CA and a name that are right',
        query: (ca) => `ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`,
        isEncrypted: true,
      },
      { title: 'useSSL=true and an unknown CA', query: () => 'useSSL=true', refusal: /self.signed certificate/ },
      {
        title: 'a wrong name',
        query: (ca) => `ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`,
        isForAnother: true,
        refusal: /does not match certificate|altnames/i,
      },
      {
        title: 'a wrong name that is not verified',
        query: (ca) => `ssl-mode=VERIFY_CA&ssl-ca=${ca}`,
        isForAnother: true,
        isEncrypted: true,
      },
    ] satisfies Case[] as readonly Case[],
  },
  {
    recipe: postgres,
    tlsArgs: (certificate: string, key: string) => [
      ...['-c', 'ssl=on', '-c', `ssl_cert_file=${certificate}`, '-c', `ssl_key_file=${key}`],
    ],
    plainArgs: ['-c', 'ssl=off'],
    isEncrypted: sql<{ encrypted: number }>`
      SELECT CASE WHEN ssl THEN 1 ELSE 0 END AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()`,
    demanding: 'sslmode=no-verify',
    cases: [
      { title: 'nothing asked', query: () => '', isEncrypted: false },
      { title: 'sslmode=no-verify', query: () => 'sslmode=no-verify', isEncrypted: true },
      {
        title: 'a CA and a name that are right',
        query: (ca) => `sslmode=verify-full&sslrootcert=${ca}`,
        isEncrypted: true,
      },
      { title: 'sslmode=verify-full and an unknown CA', query: () => 'sslmode=verify-full', refusal: /self.signed/ },
      {
        title: 'a wrong name',
        query: (ca) => `sslmode=verify-full&sslrootcert=${ca}`,
        isForAnother: true,
        refusal: /does not match certificate|altnames/i,
      },
    ] satisfies Case[] as readonly Case[],
  },
];

const isPossible = (program: string | undefined): boolean =>
  program !== undefined && findProgram('openssl', '/usr/bin/openssl') !== undefined;

describe.each(kinds.filter(({ recipe }) => isPossible(recipe.findProgram())))(
  'TLS to $recipe.title, with a certificate that is its own CA',
  { timeout: 60_000 },
  ({ recipe, tlsArgs, plainArgs, isEncrypted, demanding, cases }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tls-'));
    const servers: LocalServer[] = [];

    /** Makes a certificate that is its own CA. */
    function certify(name: string): { readonly certificate: string; readonly key: string } {
      const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
      const subject = ['-subj', '/CN=database', '-addext', `subjectAltName=DNS:${name}`];
      const files = ['-keyout', key, '-out', certificate];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
        stdio: 'ignore',
      });
      const { uid, gid } = serverAccount();
      for (const path of [folder, certificate, key]) {
        if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
      }
      return { certificate, key };
    }

    beforeAll(async () => {
      const [right, other] = [certify('localhost'), certify('elsewhere')];
      for (const args of [tlsArgs(right.certificate, right.key), tlsArgs(other.certificate, other.key), plainArgs]) {
        servers.push(await LocalServer.start(recipe, { args }));
      }
    }, 60_000);

    afterAll(async () => {
      for (const server of servers) await server.remove();
      rmSync(folder, { recursive: true });
    });

    /** Whether a store's connection is encrypted. @throws what opening it throws */
    async function opened(server: LocalServer | undefined, query: string): Promise<boolean> {
      const url = new URL(server?.url ?? '');
      url.hostname = 'localhost';
      url.search = query;
      const database = await openDatabase(readOptions({ url: url.href, tablePrefix: 'tls_' }));
      try {
        const { rows } = await isEncrypted.execute(database.kysely);
        return Number(rows[0]?.encrypted) === 1;
      } finally {
        await database.close();
      }
    }

    it.each(cases)(
      'connects as its URL asks: $title',
      async ({ query, isForAnother = false, isEncrypted: expected, refusal }) => {
        const certificate = join(folder, isForAnother ? 'elsewhere.pem' : 'localhost.pem');
        const connecting = opened(servers[isForAnother ? 1 : 0], query(encodeURIComponent(certificate)));
        if (refusal === undefined) expect(await connecting).toBe(expected);
        else
          await expect(connecting).rejects.toMatchObject({
            code: 'CONFIGURATION',
            message: expect.stringMatching(refusal),
          });
      },
    );

    it('is refused where the server has none, and never becomes clear text', async () => {
      await expect(opened(servers[2], demanding)).rejects.toThrow(/does not support (SSL|secure)/i);
      expect(await opened(servers[2], '')).toBe(false);
    });
  },
);
