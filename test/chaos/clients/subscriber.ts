/**
 * Follows the events of one process for as long as it lives. A stream that breaks goes on where it stopped, or says that it
 * cannot.
 */
import { request } from 'node:http';
import type { Recorder } from '../history/recorder.js';
import { HTTP_PORT, type Life } from '../lab/life.js';
import { hold, now } from '../until.js';
import { TOKEN } from './http.js';

/** As the stream itself asks for. */
const AGAIN_MS = 1_000;
const LISTENS_EVERY_MS = 50;
const OWN_JOB = 'demo:job';

export async function subscribe(life: Life, recorder: Recorder): Promise<void> {
  let lastId: string | undefined;
  const hear = (frame: string) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
    const data = field('data');
    if (data === undefined) return;
    lastId = field('id') ?? lastId;
    const event = field('event') ?? '';
    const parsed = JSON.parse(data) as Record<string, unknown>;
    if (parsed['key'] === OWN_JOB || event === 'nodeChanged') return;
    recorder.add({ type: 'heard', t: now(), life: life.id, event, data: parsed });
  };
  while (life.isRunning) {
    if (life.isListening) {
      await follow(life, lastId, hear);
      await hold(AGAIN_MS);
    } else await hold(LISTENS_EVERY_MS);
  }
}

function follow(life: Life, lastId: string | undefined, hear: (frame: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      Authorization: `Bearer ${TOKEN}`,
      ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }),
    };
    const out = request(
      { host: life.control, port: HTTP_PORT, path: '/cluster/events', headers, agent: false },
      (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          const frames = (rest + text).split('\n\n');
          rest = frames.pop() ?? '';
          for (const frame of frames) hear(frame);
        });
        response.once('close', resolve);
      },
    );
    out.once('error', () => resolve());
    out.end();
    void life.ended.then(() => out.destroy());
  });
}
