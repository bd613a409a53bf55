import { Logger } from '@nestjs/common';
import { KubernetesApiError } from './api-error.js';
import { isRefused, Troubles } from './troubles.js';

describe('Troubles', () => {
  let lines: string[];
  let troubles: Troubles<'read' | 'write'>;
  const error = (status: number) => new KubernetesApiError(`status ${status}`, status);

  beforeEach(() => {
    lines = [];
    const logger = new Logger('test');
    jest.spyOn(logger, 'warn').mockImplementation((line: string) => void lines.push(line));
    jest.spyOn(logger, 'log').mockImplementation((line: string) => void lines.push(line));
    troubles = new Troubles(logger, 'Lease a/b', { read: 'be read', write: 'be written' });
  });

  it('tells of a kind of request that fails for long once, whatever becomes of other kinds', () => {
    for (let round = 0; round < 10; round++) {
      troubles.failed('write', error(403));
      troubles.succeeded('read');
    }
    expect(lines).toEqual(['Lease a/b cannot be written, which is tried again: status 403']);
    troubles.succeeded('write');
    troubles.succeeded('write');
    expect(lines.slice(1)).toEqual(['Lease a/b can be written again']);
  });

  it('tells each status of a trouble once, however they alternate', () => {
    for (let round = 0; round < 10; round++) {
      troubles.failed('read', error(0));
      troubles.failed('read', error(503));
    }
    expect(lines).toHaveLength(2);
    troubles.succeeded('read');
    troubles.failed('read', error(503));
    expect(lines).toHaveLength(4);
  });

  it('tells a refusal from what passes by itself', () => {
    expect([400, 403, 404, 422].every((status) => isRefused(error(status)))).toBe(true);
    expect([0, 401, 408, 410, 429, 500, 503].some((status) => isRefused(error(status)))).toBe(false);
  });
});
