/** A name as TypeScript spells it: `day_of_week` is `dayOfWeek`. */
export function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** A name as Python and the wire spell it: `dayOfWeek` is `day_of_week`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
