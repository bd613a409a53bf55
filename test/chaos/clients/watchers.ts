/**
 * What is asked of each process all the time: whether it leads, whether it has the store. Each question waits for its answer, however
 * long the process is stopped, so that nothing is asked twice at one time.
 */
import type { Recorder } from '../history/recorder.js';
import type { Life } from '../lab/life.js';
import { hold } from '../until.js';
import { call, textOf } from './http.js';

const LEADER_EVERY_MS = 100;
const READY_EVERY_MS = 100;

export async function watchLeader(life: Life, recorder: Recorder): Promise<void> {
  while (life.isRunning) {
    if (life.isListening) {
      const { status, body, t0, t1 } = await call(life, '/cluster/leader/readiness');
      if (status === 200)
        recorder.add({ type: 'lead', life: life.id, token: Number(textOf(body, 'token')), t0, t1 });
    }
    await hold(LEADER_EVERY_MS);
  }
}

export async function watchReadiness(life: Life, recorder: Recorder): Promise<void> {
  let was: boolean | undefined;
  while (life.isRunning) {
    if (life.isListening) {
      const { status, t0, t1 } = await call(life, '/cluster/keys?limit=1&prefix=none');
      const isReady = status === 200;
      if (status !== 0 && isReady !== was) {
        was = isReady;
        recorder.add({ type: 'readiness', life: life.id, host: life.host, isReady, t0, t1 });
      }
    }
    await hold(READY_EVERY_MS);
  }
}
