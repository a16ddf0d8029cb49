import { HttpStatus } from '@nestjs/common';
import { ANYTHING, arrayOf, objectOf, referTo, TEXT, type Component } from '../component.js';
import type { OperationResponse } from '../operation.js';

export const ERROR_COMPONENTS: readonly Component[] = [
  { name: 'Error', schema: objectOf({ error_message: TEXT }) },
  {
    name: 'StaleEdit',
    schema: objectOf({
      error_message: TEXT,
      differences: arrayOf(objectOf({ field: TEXT, current: ANYTHING, given: ANYTHING })),
    }),
  },
];

/** An error that a route answers. */
export function errorResponse(description: string, message: string): OperationResponse {
  return { description, body: { schema: referTo('Error'), example: { error_message: message } } };
}

export const STALE_EDIT: OperationResponse = {
  description:
    'The job is no longer the version that `If-Match` names. The differences are between the body and the job.',
  body: {
    schema: referTo('StaleEdit'),
    example: {
      error_message: 'Job hello has been changed meanwhile: read it again, and decide anew',
      differences: [{ field: 'minutes', current: 15, given: 20 }],
    },
  },
};

type Errors = Readonly<Record<number, OperationResponse>>;

/** The errors of every route. */
export const COMMON_ERRORS: Errors = {
  [HttpStatus.BAD_REQUEST]: errorResponse(
    'The request is not valid, or not possible now. The message names every bad field.',
    'Invalid request: foo is not known here',
  ),
  [HttpStatus.UNAUTHORIZED]: {
    ...errorResponse('The credentials are missing or wrong.', 'Access Denied'),
    headers: { 'WWW-Authenticate': 'The scheme of the credentials.' },
  },
  [HttpStatus.FORBIDDEN]: errorResponse(
    'The action is not allowed to who sends the request, or comes from another origin.',
    'This needs the action jobs.write, which "viewer" does not have',
  ),
  [HttpStatus.TOO_MANY_REQUESTS]: errorResponse(
    'There are too many passwords to check.',
    'Too many wrong passwords from this address',
  ),
  [HttpStatus.INTERNAL_SERVER_ERROR]: errorResponse('The request failed.', 'Internal server error'),
  [HttpStatus.SERVICE_UNAVAILABLE]: errorResponse(
    'A job store fails.',
    'Job store "default" failed: connect ECONNREFUSED 127.0.0.1:5432',
  ),
};

/** The errors of routes that read a body. */
export const BODY_ERRORS: Errors = {
  [HttpStatus.PAYLOAD_TOO_LARGE]: errorResponse(
    'The body is too long.',
    'The body is longer than 102400 bytes (limits.bodyBytes)',
  ),
  [HttpStatus.UNSUPPORTED_MEDIA_TYPE]: errorResponse(
    'The body is compressed.',
    'The body has the content encoding gzip; send it as it is',
  ),
};

const TOO_OFTEN = 'The trigger fires 5 s after 2030-01-07T09:00:00+00:00, and limits.minInterval is 60 s';

export const CHANGE_LIMITED = errorResponse(
  'The times of the trigger are closer than `limits.minInterval` allows, or there are too many passwords to check.',
  TOO_OFTEN,
);
export const ADDITION_LIMITED = errorResponse(
  'The job store has as many jobs as `limits.jobs` allows, the times of the trigger are closer than `limits.minInterval` allows, or ' +
    'there are too many passwords to check.',
  TOO_OFTEN,
);

export const JOB_NOT_FOUND = errorResponse('There is no such job.', 'Job hello not found');
export const RUN_NOT_FOUND = errorResponse(
  'There is no such run, or it is no longer kept.',
  'Run "01a2056781a5000001-5f3a9c1e" not found',
);
