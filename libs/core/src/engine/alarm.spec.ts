import { connect, createServer, type Socket } from 'node:net';
import { monotonicMs } from '../ports/clock.js';
import { Alarm } from './alarm.js';

function block(ms: number): void {
  const end = monotonicMs() + ms;
  while (monotonicMs() < end);
}

describe('Alarm', () => {
  it('rings at its deadline, once', async () => {
    const due = monotonicMs() + 20;
    const rang = await new Promise<number>((resolve) => new Alarm(() => resolve(monotonicMs())).set(due));
    expect(rang).toBeGreaterThanOrEqual(due - 1);
  });

  it('moves forward to an earlier deadline', async () => {
    const start = monotonicMs();
    await new Promise<void>((resolve) => {
      const alarm = new Alarm(resolve);
      alarm.set(start + 900);
      alarm.set(start + 10);
    });
    expect(monotonicMs() - start).toBeLessThan(800);
  });

  it('rings never after it was cleared', async () => {
    let rings = 0;
    const alarm = new Alarm(() => rings++);
    alarm.set(monotonicMs() + 5);
    alarm.clear();
    await new Promise<void>((resolve) => new Alarm(resolve).set(monotonicMs() + 30));
    expect(rings).toBe(0);
  });

  it('after a pause lets the sockets be read before it rings (T3)', async () => {
    const happened: string[] = [];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const near = connect({
      port: typeof address === 'object' && address ? address.port : 0,
      host: '127.0.0.1',
    });
    const far = await accepted;
    near.on('data', () => happened.push('read'));
    await new Promise<void>((resolve) => {
      const alarm = new Alarm(() => {
        happened.push('rang');
        resolve();
      });
      alarm.set(monotonicMs() + 5);
      far.write('was here before the timer was looked at');
      block(200);
    });
    expect(happened).toEqual(['read', 'rang']);
    near.destroy();
    far.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
