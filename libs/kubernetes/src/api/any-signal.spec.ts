import { getEventListeners } from 'node:events';
import { withAnySignal } from './any-signal.js';

describe('withAnySignal', () => {
  const untilAborted = (signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve) => {
      if (signal.aborted) resolve(signal.reason);
      signal.addEventListener('abort', () => resolve(signal.reason));
    });

  it.each([0, 1])('is called off by each of them, whether before or meanwhile', async (which) => {
    const controllers = [new AbortController(), new AbortController()];
    const signals = controllers.map(({ signal }) => signal);
    const work = withAnySignal(signals, untilAborted);
    controllers[which]?.abort('enough');
    expect(await work).toBe('enough');
    expect(await withAnySignal(signals, untilAborted)).toBe('enough');
  });

  it('leaves nothing behind, whatever comes of the work', async () => {
    const { signal } = new AbortController();
    await withAnySignal([signal], () => Promise.resolve());
    await expect(withAnySignal([signal], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
