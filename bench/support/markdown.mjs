/**
 * A table as prettier formats it: the first column aligned left, the others right.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/**
 * Three digits and a unit: `12.3M`, `987k`, `45`.
 *
 * @param {number} value
 */
export function short(value) {
  if (value >= 999_500) return `${three(value / 1e6)}M`;
  return value >= 1000 ? `${three(value / 1000)}k` : three(value);
}

/**
 * All digits: `100,000`.
 *
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString('en');
}

function three(value) {
  return value >= 99.95 ? value.toFixed(0) : value.toFixed(value >= 9.995 ? 1 : 2);
}
