/** Words of the tz database's second names that are not written `Like` this. */
const WORDS = new Map(
  (
    'ACT NSW LHI GB NZ CHAT PRC ROC ROK SU W UCT UTC GMT GMT0 EST MST HST CET MET EET WET US IN ' +
    'EST5EDT CST6CDT MST7MDT PST8PDT PST JST CST IST es of au ' +
    'ComodRivadavia DumontDUrville McMurdo EasterIsland BajaNorte BajaSur DeNoronha'
  )
    .split(' ')
    .map((word) => [word.toLowerCase(), word]),
);

/**
 * How the tz database spells a zone's second name. Platforms accept it in any case and answer the first name; each name
 * must have one spelling here, or a zone could be cached under any number of them.
 */
export function spellZone(name: string): string {
  return name
    .toLowerCase()
    .replace(/[a-z][a-z0-9]*/g, (word) => WORDS.get(word) ?? word.charAt(0).toUpperCase() + word.slice(1));
}
