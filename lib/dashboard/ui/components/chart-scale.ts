/** How the values of a chart are placed, and what stands at its axes. */

export type Unit = 'count' | 'seconds';

/** Steps of an axis that people read as times; shorter ones are round numbers. */
const TIME_STEPS = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400] as const;
const LINES = 3;

/** The labelled values of an axis that begins with 0: the last one is not below any value. */
export function levelsOf(most: number, unit: Unit): readonly number[] {
  const least = most / LINES;
  const step = unit === 'count' ? Math.max(1, roundUp(least)) : roundTime(least || 0.001);
  const levels = [0];
  while ((levels.at(-1) as number) < most || levels.length === 1) levels.push(levels.length * step);
  return levels;
}

function roundTime(least: number): number {
  if (least <= 20) return roundUp(least);
  return TIME_STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400;
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(least: number): number {
  if (least <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((one) => one * power >= least * 0.999_999) ?? 10;
  return factor * power;
}

/** Which of many places in a row get a label: the last one, and as many before it as have room. */
export function labelledOf(count: number, width: number, room: number): readonly number[] {
  const every = Math.max(1, Math.ceil((count * room) / Math.max(1, width)));
  const places: number[] = [];
  for (let place = count - 1; place >= 0; place -= every) places.unshift(place);
  return places;
}
