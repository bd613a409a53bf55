import { kubeConfigFrom } from './kube-access.js';

let imports = 0;
jest.mock('@kubernetes/client-node', () => {
  imports++;
  throw new TypeError('webidl.util.markAsUncloneable is not a function');
});

describe('a client library that cannot be loaded', () => {
  it('is given up after one attempt, and each use says what to install', async () => {
    const load = kubeConfigFrom({ KUBERNETES_SERVICE_HOST: '10.96.0.1' });
    await expect(load()).rejects.toThrow(/npm install @kubernetes\/client-node@1/);
    const before = imports;
    await expect(load()).rejects.toThrow(/npm install @kubernetes\/client-node@1/);
    expect(imports).toBe(before);
  });
});
