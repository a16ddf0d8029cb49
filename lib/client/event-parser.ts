/** An event of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events from the parts in which their text arrives. */
export class EventParser {
  /** The id of the last event, or what stands for it. */
  lastEventId = '';
  /** How long the server asks to wait before connecting again, in milliseconds. */
  retryMs: number | undefined;
  private rest = '';
  private data: string[] = [];

  /** @returns the events that are complete now. */
  add(text: string): readonly ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const all = this.rest + text;
    // A line break of two characters may arrive in halves.
    const end = all.endsWith('\r') ? all.length - 1 : all.length;
    const lines = all.slice(0, end).split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + all.slice(end);
    for (const line of lines) {
      if (line !== '') this.read(line);
      else if (this.data.length > 0) events.push({ id: this.lastEventId, data: this.data.splice(0).join('\n') });
    }
    return events;
  }

  private read(line: string): void {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.lastEventId = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
