// The store beside its floor, in the same run: three processes each on this machine, TLS on, values of 100 bytes.
import { Processes, until } from './processes.mjs';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ready = (node, up) =>
  until(async () => {
    const state = await node.ask('state');
    return state.ready && state.up === up && state.replicas.inSync === up - 1;
  });

/** @param row prints one line: what, figure, floor, ratio, what it should be, whether it is */
export async function benchStore({ quick }, row) {
  const processes = new Processes();
  try {
    const nodes = await Promise.all([1, 2, 3].map((number) => processes.store(`node-${number}`)));
    await Promise.all(nodes.map((node) => ready(node, 3)));
    const floor = await processes.floor();
    await writes(nodes, floor, quick, row);
    await reads(nodes[1], row);
    await subscriber(nodes, quick, row);
    await stopped(nodes, quick, row);
    await nodes[0].ask('clear');
    await churn(nodes, quick, row);
    await joins({ processes, nodes, bare: floor[0] }, quick, row);
  } finally {
    processes.end();
  }
}

async function writes([writer], [bare], quick, row) {
  const [rounds, ms] = quick ? [3, 700] : [7, 2_000];
  // Until the code that matters is compiled.
  for (const node of [writer, bare]) await node.ask('write', { lanes: 64, ms: 3_000 });
  const many = await pairs(rounds, writer, bare, { lanes: 64, ms });
  row('set quorum, 64 in flight', {
    figure: `${k(median(many.map(([ours]) => ours.perSecond)))}/s`,
    floor: `${k(median(many.map(([, base]) => base.perSecond)))}/s`,
    ratio: median(many.map(([ours, base]) => ours.perSecond / base.perSecond)),
    atLeast: 0.6,
  });
  const one = await pairs(rounds, writer, bare, { lanes: 1, ms });
  row('set quorum, one in flight, p50', {
    figure: `${Math.round(median(one.map(([ours]) => ours.p50)))} µs`,
    floor: `${Math.round(median(one.map(([, base]) => base.p50)))} µs`,
    ratio: median(one.map(([ours, base]) => ours.p50 / base.p50)),
    atMost: 1.5,
  });
}

/** One after the other, so that both meet the same machine. */
async function pairs(rounds, ours, bare, load) {
  const results = [];
  for (let round = 0; round < rounds; round++)
    results.push([await ours.ask('write', load), await bare.ask('write', load)]);
  return results;
}

async function reads(node, row) {
  const { map, peek, getText, getObject } = await node.ask('reads');
  row('peek, plain object', {
    figure: `${k(peek)}/s`,
    floor: `${k(map)}/s`,
    ratio: peek / map,
    atLeast: 0.3,
  });
  row('get, text', { figure: `${k(getText)}/s`, ratio: getText / 1e6, atLeast: 1 });
  row('get, object', { figure: `${k(getObject)}/s`, ratio: getObject / 1e6, atLeast: 1 });
}

async function subscriber([writer, other], quick, row) {
  const ms = quick ? 700 : 2_000;
  const ratios = [];
  let rate = 0;
  for (let round = 0; round < 3; round++) {
    const { perSecond } = await writer.ask('write', { lanes: 64, ms });
    await other.ask('subscribe');
    const begin = performance.now();
    await writer.ask('write', { lanes: 64, ms });
    const seconds = (performance.now() - begin) / 1000;
    rate = (await other.ask('heard')) / seconds;
    ratios.push(rate / perSecond);
    await other.ask('unsubscribe');
  }
  row('one subscriber hears, of writes', { figure: `${k(rate)}/s`, ratio: median(ratios), atLeast: 0.8 });
}

async function stopped([writer, , third], quick, row) {
  third.child.kill('SIGSTOP');
  // What is remembered for the repair of the stopped one has a bound, which is reached first.
  const first = await writer.ask('flood', { ms: quick ? 8_000 : 30_000 });
  const rest = await writer.ask('flood', { ms: quick ? 8_000 : 60_000 });
  third.child.kill('SIGCONT');
  row('memory, one replica stopped', {
    figure: `${Math.round(rest.rssMb)} MB after ${k(first.count + rest.count)} writes`,
    floor: `${Math.round(first.rssMb)} MB after ${k(first.count)}`,
    ratio: rest.rssMb / first.rssMb,
    atMost: 1.3,
  });
  await Promise.all([writer, third].map((node) => ready(node, 3)));
}

async function churn(nodes, quick, row) {
  const [first, all] = quick ? [50_000, 250_000] : [1_000_000, 10_000_000];
  const settled = () =>
    until(async () =>
      (await Promise.all(nodes.map((node) => node.ask('state')))).every(({ size }) => size === 0),
    );
  const heaps = async () => Math.max(...(await Promise.all(nodes.map((node) => node.ask('heap')))));
  const part = first / 10;
  let from = 0;
  const upTo = async (count) => {
    for (; from < count; from += part) await nodes[(from / part) % 3].ask('churn', { from, count: part });
    await settled();
  };
  await upTo(first);
  const before = await heaps();
  await upTo(all);
  const after = await heaps();
  row(`heap after ${k(all)} keys came and went`, {
    figure: `${after.toFixed(1)} MB`,
    floor: `${before.toFixed(1)} MB after ${k(first)}`,
    ratio: after / before,
    atMost: 1.1,
  });
}

const EASY = { lanes: 4, perSecond: 1_000, ms: 3_000 };
/** Both cores are taken then, and whoever waits for one stands still. */
const FULL = { lanes: 4, ms: 3_000 };
const JOINS = [
  { count: 100_000, within: 2_000, load: EASY },
  { count: 100_000, within: 2_000, load: FULL },
  { count: 1_000_000, within: Infinity, load: FULL },
];

async function joins({ processes, nodes, bare }, quick, row) {
  for (const { count, within, load } of quick ? JOINS.slice(0, 2) : JOINS) {
    const [empty] = await Promise.all(nodes.map((node) => node.ask('heap')));
    const have = (await nodes[0].ask('state')).size;
    await nodes[0].ask('fill', { count, prefix: 'join-' });
    await Promise.all(nodes.map((node) => until(async () => (await node.ask('state')).size >= count)));
    await until(async () => (await nodes[0].ask('state')).replicas.inSync === 2);
    const full = await nodes[0].ask('heap');
    nodes.pop().child.kill('SIGKILL');
    await until(async () => (await nodes[0].ask('state')).up === 2);
    for (const node of [...nodes, bare]) await node.ask('pause');
    const writing = nodes[1].ask('write', load);
    const joined = await processes.store('node-3', { watched: true });
    await until(async () => (await joined.ask('state')).ready);
    // From the start of the application, so that nothing of the copy is left out.
    const { joinMs: ms, size } = await joined.ask('state');
    if (size < count) throw new Error(`ready with ${size} of ${count} keys`);
    const { perSecond } = await writing;
    nodes.push(joined);
    const pauses = await Promise.all(nodes.map((node) => node.ask('pause')));
    row(`join, ${k(count)} keys, ${k(perSecond)} writes/s`, {
      figure: `${Math.round(ms)} ms`,
      ...(within < Infinity && { ratio: ms / within, atMost: 1 }),
    });
    row('  longest pause of any node meanwhile', {
      figure: `${pauses.map((pause) => pause.toFixed(0)).join(', ')} ms`,
      floor: `${(await bare.ask('pause')).toFixed(0)} ms of a bare process`,
      ratio: Math.max(...pauses) / 20,
      atMost: 1,
    });
    if (have < count / 2)
      row('  memory per entry', { figure: `${Math.round(((full - empty) * 1e6) / (count - have))} bytes` });
    await ready(nodes[0], 3);
  }
  await equal(nodes, row);
}

/** What two equal stores say to each other in ten seconds. */
async function equal([one], row) {
  const before = await one.ask('bytes');
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  // Two peers, two clocks a second.
  const perClock = ((await one.ask('bytes')) - before) / 20;
  row('two equal stores compare in', {
    figure: `${Math.round(perClock)} bytes`,
    ratio: perClock / 1_024,
    atMost: 1,
  });
}

function k(number) {
  if (number >= 1e6) return `${(number / 1e6).toFixed(1)} M`;
  return number >= 1e4 ? `${Math.round(number / 1e3)} k` : `${Math.round(number)}`;
}
