/** Cuts text to a maximum length, and makes it encodable by every store. */
export function cutText(text: string, length: number): string {
  const kept = text.length > length ? `${dropHalf(text.slice(0, length - 3))}...` : text;
  return kept.toWellFormed();
}

/** A cut may split a surrogate pair. */
function dropHalf(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
