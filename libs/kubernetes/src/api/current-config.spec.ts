import { KubeConfig } from '@kubernetes/client-node';
import { CurrentConfig } from './current-config.js';

describe('CurrentConfig', () => {
  let mono = 1_000;
  let load: jest.Mock<Promise<KubeConfig>, []>;
  let config: CurrentConfig;

  beforeEach(() => {
    load = jest.fn(() => Promise.resolve(new KubeConfig()));
    config = new CurrentConfig(load, { clocks: () => ({ mono, wall: mono }) });
  });

  it('is read once while the server answers', async () => {
    expect(await config.get()).toBe(await config.get());
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('is read anew while the server does not answer, at most once in two seconds', async () => {
    const first = await config.get();
    for (const end = mono + 20_000; mono < end; mono += 100) {
      config.unanswered();
      await config.get();
    }
    expect(await config.get()).not.toBe(first);
    expect(load.mock.calls.length).toBeGreaterThan(5);
    expect(load.mock.calls.length).toBeLessThanOrEqual(11);
  });

  it('stays as it was when it cannot be read while the server does not answer', async () => {
    const first = await config.get();
    load.mockRejectedValueOnce(new Error('half a file'));
    mono += 2_000;
    config.unanswered();
    expect(await config.get()).toBe(first);
    mono += 2_000;
    config.unanswered();
    expect(await config.get()).not.toBe(first);
  });

  it('is read anew after the server refused it, or that fails', async () => {
    const first = await config.get();
    load.mockRejectedValueOnce(new Error('no token'));
    config.refused();
    await expect(config.get()).rejects.toThrow('no token');
    expect(await config.get()).not.toBe(first);
  });
});
