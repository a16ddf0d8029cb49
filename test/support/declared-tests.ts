import type { TestFramework } from 'nestjs-apscheduler/testing';

/** A test that was declared and has not run yet. */
export interface DeclaredTest {
  readonly title: string;
  /** @returns null if it passed, what it threw, or why it was skipped */
  run(): Promise<{ readonly error: unknown } | { readonly skipped: string } | null>;
}

/** A test framework that collects the declared tests without running them. */
export function declaredTests(declare: (framework: TestFramework) => void): readonly DeclaredTest[] {
  const tests: DeclaredTest[] = [];
  const titles: string[] = [];
  declare({
    describe(name, body) {
      titles.push(name);
      body();
      titles.pop();
    },
    it(name, body) {
      const title = [...titles, name].join(' > ');
      const run: DeclaredTest['run'] = async () => {
        let skipped: string | null = null;
        const context = { skip: (why: string) => void (skipped = why) };
        try {
          await body(context);
        } catch (error) {
          return { error };
        }
        return skipped === null ? null : { skipped };
      };
      tests.push({ title, run });
    },
  });
  return tests;
}
