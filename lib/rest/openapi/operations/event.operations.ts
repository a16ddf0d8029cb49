import { EventQueryDto } from '../../dto/event.dto.js';
import type { Operation } from '../operation.js';
import { errorResponse } from '../responses/error.responses.js';
import { EVENT_STREAM } from '../responses/event.responses.js';

export const EVENT_OPERATIONS = {
  get_events: {
    summary: 'Stream events',
    description:
      'Server-sent events of jobs, their runs and the scheduler, of all nodes that share a job store. The stream begins with `reload`, and ' +
      'has it again where events are missing: fetch the state then. Events of runs need `runs.read` too, those of the scheduler ' +
      '`scheduler.read`.',
    query: { type: EventQueryDto, example: { job_id: ['hello'], type: ['job_executed', 'job_error'] } },
    headers: {
      'Last-Event-ID': {
        description: 'The `id` of the last event that the client has: the stream goes on after it.',
        example: '5f3a9c1e07d2.42',
      },
    },
    responses: {
      200: EVENT_STREAM,
      503: errorResponse(
        'There are as many streams as `limits.eventStreams` allows, or a job store fails.',
        '100 streams of events are open (limits.eventStreams)',
      ),
    },
  },
} satisfies Readonly<Record<string, Operation>>;
