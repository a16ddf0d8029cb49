import { InvalidBodyException } from './invalid-body.exception.js';
import { readDto } from './read-dto.js';
import { ShutdownDto } from './shutdown.dto.js';

/**
 * What a request to shut down asks for.
 *
 * @throws InvalidBodyException
 */
export function readShutdown(body: unknown): { readonly wait: boolean } {
  const { dto, faults } = readDto(ShutdownDto, body);
  if (faults.length > 0) throw new InvalidBodyException('Invalid request', faults);
  return { wait: dto.wait ?? true };
}
