// Benchmarks, beside what bounds them: npm run bench [-- store] [--quick]
import { parseArgs } from 'node:util';
import { benchStore } from './store/main.mjs';

const BENCHES = { store: benchStore };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = chosen.filter((name) => !BENCHES[name]);
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. There is: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}

const COLUMNS = [42, 30, 22, 8, 10];
const print = (...cells) =>
  console.log(
    cells
      .map((cell, at) => String(cell).padEnd(COLUMNS[at] ?? 0))
      .join(' ')
      .trimEnd(),
  );

function row(what, { figure, floor = '', ratio, atLeast, atMost }) {
  const bound = atLeast === undefined ? (atMost === undefined ? '' : `≤ ${atMost}`) : `≥ ${atLeast}`;
  const isMissed = (atLeast !== undefined && ratio < atLeast) || (atMost !== undefined && ratio > atMost);
  print(what, figure, floor, ratio === undefined ? '' : ratio.toFixed(2), bound, isMissed ? 'MISSED' : '');
}

for (const name of chosen) {
  print(name, 'figure', 'floor or before', 'ratio', 'bound');
  await BENCHES[name](values, row);
}
