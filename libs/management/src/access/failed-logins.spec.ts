import { Logger } from '@nestjs/common';
import { FailedLogins } from './failed-logins.js';

describe('failed logins', () => {
  const lines: unknown[] = [];
  let logins: FailedLogins;

  beforeEach(() => {
    lines.length = 0;
    jest.useFakeTimers();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void lines.push(line));
    logins = new FailedLogins();
  });
  afterEach(() => {
    logins.onModuleDestroy();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('are told of once a minute, with what came in between', () => {
    logins.note('wrong', '192.0.2.1');
    for (let count = 0; count < 20; count++) logins.note('wrong', '192.0.2.2');
    logins.note('missing', '192.0.2.3');
    expect(lines).toHaveLength(1);
    jest.advanceTimersByTime(60_000);
    expect(lines.slice(1)).toEqual([
      'refused calls: 20 with a wrong token, 1 without a token, the latest from 192.0.2.3; 22 since the start',
    ]);
  });

  it('are not told of when there are none, and at once after a quiet minute', () => {
    logins.note('missing', undefined);
    jest.advanceTimersByTime(600_000);
    expect(lines).toHaveLength(1);
    logins.note('wrong', '192.0.2.1');
    expect(lines).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(1);
  });
});
