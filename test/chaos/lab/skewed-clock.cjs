// A wall clock that can be set per process: loaded before the program in each of its threads. The file named by CHAOS_CLOCK
// holds how far the clock is off, in milliseconds as a double. It is read at each look at the clock, so that a step is there at once
// and for all threads at the same time, even while one of them is blocked.
'use strict';
const { openSync, readSync } = require('node:fs');

const path = process.env.CHAOS_CLOCK;
if (path) {
  const file = openSync(path, 'r');
  const off = new Float64Array(1);
  const bytes = new Uint8Array(off.buffer);
  const RealDate = Date;
  const realNow = Date.now;
  const skewedNow = () => {
    readSync(file, bytes, 0, bytes.length, 0);
    return realNow() + off[0];
  };

  const now = () => Math.trunc(skewedNow());
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
    // Without `new` it answers with a text.
    apply: (target) => new target(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = globalThis.Date;
}
