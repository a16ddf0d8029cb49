import type { Group } from './outcomes.js';

/** The colours of the theme, as canvases need them: only elements know what `light-dark()` is at the moment. */
export function readColours(): Readonly<Record<Group | 'text' | 'line' | 'accent' | 'surface', string>> {
  const probe = document.body.appendChild(document.createElement('span'));
  const read = (set: (style: CSSStyleDeclaration) => void): string => {
    set(probe.style);
    return getComputedStyle(probe).color;
  };
  const variable = (name: string): string => read((style) => (style.color = `var(--${name})`));
  const colours = {
    succeeded: variable('good'),
    failed: variable('bad'),
    missed: variable('warn'),
    running: variable('busy'),
    handed_over: variable('away'),
    text: variable('quiet'),
    line: variable('line'),
    accent: variable('accent'),
    surface: variable('surface'),
  };
  probe.remove();
  return colours;
}
