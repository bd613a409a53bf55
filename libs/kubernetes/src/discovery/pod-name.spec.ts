import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeNameOf } from './pod-name.js';

describe('the name of a node in a pod', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pod-name-'));
  const file = join(folder, 'token');
  const tokenOf = (claims: unknown): string => {
    const part = (what: unknown) => Buffer.from(JSON.stringify(what)).toString('base64url');
    return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
  };
  const shop = { basename: 'shop', podName: undefined };

  afterAll(() => rmSync(folder, { recursive: true }));

  it('has the name of the pod that the deployment tells', () => {
    expect(nodeNameOf({ basename: 'shop', podName: 'shop-7d9-x2x' }, file)).toBe('shop@shop-7d9-x2x');
  });

  it('has the name of the pod that the token of the service account is bound to', () => {
    writeFileSync(file, tokenOf({ 'kubernetes.io': { namespace: 'shop', pod: { name: 'shop-7d9-abc' } } }));
    expect(nodeNameOf(shop, file)).toBe('shop@shop-7d9-abc');
  });

  it.each([
    ['no token', undefined],
    ['a token of no pod', tokenOf({ 'kubernetes.io': { namespace: 'shop' } })],
    ['a token of another kind', 'abc'],
    ['a name that no pod has', tokenOf({ 'kubernetes.io': { pod: { name: 'a b' } } })],
  ])('is unlike that of any other pod on the same host with %s', (_, token) => {
    if (token === undefined) rmSync(file, { force: true });
    else writeFileSync(file, token);
    const names = [nodeNameOf(shop, file), nodeNameOf(shop, file)];
    for (const name of names) expect(name).toMatch(new RegExp(`^shop-[0-9a-f]{8}@${hostname()}$`));
    expect(names[0]).not.toBe(names[1]);
  });
});
