/**
 * Compares two releases: negative if `a` is earlier. Numbers are compared as numbers, so that 1.9 is before 1.10; a pre-release
 * is before its release, as in Semantic Versioning (2.0.0-rc.1 before 2.0.0). Null, a release without a name, is before all
 * others.
 */
export function compareReleases(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = compareParts(left[at], right[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Splits into digits and the text between them. A leading v is ignored. */
function partsOf(release: string): readonly string[] {
  return (
    release
      .trim()
      .replace(/^v(?=\d)/i, '')
      .match(/\d+|\D+/g) ?? []
  );
}

function compareParts(a: string | undefined, b: string | undefined): number {
  const difference = rankOf(a) - rankOf(b);
  if (difference !== 0 || a === undefined || b === undefined) return difference;
  if (rankOf(a) !== NUMBER) return compareTexts(a, b);
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareTexts(left, right);
}

const NUMBER = 3;

/** The suffix of a pre-release sorts first, then the end. */
function rankOf(part: string | undefined): number {
  if (part === undefined) return 1;
  if (/^\d/.test(part)) return NUMBER;
  return /^[-~][a-z]/i.test(part) ? 0 : 2;
}

function compareTexts(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
