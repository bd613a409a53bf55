import { onlyPnp, withoutPreloads } from './node-options.js';

const PNP = '--require /app/.pnp.cjs --experimental-loader file:///app/.pnp.loader.mjs';

describe('NODE_OPTIONS of the worker thread', () => {
  it.each([
    ['nothing', '', ''],
    [
      'options that load nothing',
      '--max-old-space-size=300 --conditions=a',
      '--max-old-space-size=300 --conditions=a',
    ],
    ['a preload with =', '--import=./trace.mjs --conditions=a', '--conditions=a'],
    ['a preload with a blank', '-r ./exporter.cjs --require other --conditions a', '--conditions a'],
    ['a loader', '--loader tsx --experimental-loader=x', ''],
    ['a quoted path', String.raw`--require "./my \"own\" file.cjs" --title=a`, '--title=a'],
    ['Yarn PnP', `${PNP} --require ./exporter.cjs`, PNP],
    [
      'Yarn PnP in a folder with a blank',
      '--require "/my app/.pnp.cjs" -r x',
      '--require "/my app/.pnp.cjs"',
    ],
  ])('loses preloads and keeps the rest: %s', (_, given, expected) => {
    expect(withoutPreloads(given)).toBe(expected);
  });

  it('is reduced to Yarn PnP where a thread takes no option of a process', () => {
    expect(onlyPnp(`--use-openssl-ca ${PNP} --require x`)).toBe(PNP);
  });
});
