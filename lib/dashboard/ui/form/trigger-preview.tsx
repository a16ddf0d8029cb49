import { useEffect, useState } from 'preact/hooks';
import type { TriggerPreview as Answer } from '../../../client/index.js';
import { client } from '../api.js';
import { after } from '../clock.js';
import { Card } from '../components/basics.js';
import { notesOf } from '../components/next-times.js';
import { fullTime } from '../format.js';
import { messageOf } from '../load.js';
import { wireOf, type TriggerDraft } from './trigger-draft.js';

const TYPING_MS = 300;
const COUNT = 6;

/** What a trigger means and when it fires, while it is being written. */
export function TriggerPreview({ draft }: { draft: TriggerDraft }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const text = JSON.stringify(draft);
  useEffect(() => {
    const controller = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        setAnswer(await client.previewTrigger({ ...wireOf(draft), count: COUNT }, { signal: controller.signal }));
        setProblem(null);
      } catch (error) {
        if (!controller.signal.aborted) setProblem(messageOf(error));
      }
    };
    const cancel = after(TYPING_MS, () => void ask());
    return () => {
      cancel();
      controller.abort();
    };
  }, [text]);
  const notes = answer ? notesOf(answer.next_run_times, answer.timezone, draft.type !== 'interval') : [];
  return (
    <Card title="Preview">
      <div class="stack" aria-live="polite">
        {problem !== null && <p class="error-note">{problem}</p>}
        {answer && problem === null && (
          <>
            <p class="sentence">{answer.description}</p>
            <ol class="times small">
              {answer.next_run_times.map((time, index) => (
                <li key={time}>
                  {fullTime(new Date(time), answer.timezone)}
                  {notes[index] && <div class="dst">{notes[index]}</div>}
                </li>
              ))}
            </ol>
            {answer.next_run_times.length === 0 && <p class="quiet">It does not fire any more.</p>}
          </>
        )}
      </div>
    </Card>
  );
}
