/**
 * The API server that the tests of Kubernetes talk to: the fake one, or with `NEST_CLUSTER_E2E=1` the real one of
 * `KUBECONFIG`, in a namespace of its own that is removed afterwards.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { LoadKubeConfig } from '@nest-cluster/kubernetes';
import { FakeKubernetes } from '@nest-cluster/testing';

export const isReal = process.env['NEST_CLUSTER_E2E'] === '1' && Boolean(process.env['KUBECONFIG']);

export interface ApiServer {
  readonly namespace: string;
  /** A file that processes can be pointed at with `KUBECONFIG`. */
  readonly kubeConfigFile: string;
  readonly kubeConfig: LoadKubeConfig;
  /** Answers with the status, and the object where there is one. */
  send(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ readonly status: number; readonly object: ApiObject }>;
  close(): Promise<void>;
}

export interface ApiObject {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

export interface FakeApiServer extends ApiServer {
  readonly fake: FakeKubernetes;
  /** The service account's token is replaced; the old one is worth nothing any more. */
  rotateToken(): Promise<void>;
}

export async function fakeApiServer(namespace = 'shop'): Promise<FakeApiServer> {
  const fake = new FakeKubernetes();
  await fake.listen();
  const folder = await mkdtemp(join(tmpdir(), 'kubernetes-'));
  const tokenFile = join(folder, 'token');
  const kubeConfigFile = join(folder, 'config');
  const rotateToken = async (): Promise<void> => {
    fake.revokeTokens();
    await writeFile(tokenFile, fake.issueToken());
  };
  await rotateToken();
  const file = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    clusters: [
      {
        name: 'fake',
        cluster: {
          server: fake.url,
          'certificate-authority-data': Buffer.from(fake.certificate.cert).toString('base64'),
        },
      },
    ],
    users: [{ name: 'pod', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'pod', namespace } }],
  };
  await writeFile(kubeConfigFile, JSON.stringify(file));
  await chmod(kubeConfigFile, 0o600);
  const kubeConfig = load(kubeConfigFile);
  return {
    fake,
    namespace,
    kubeConfigFile,
    kubeConfig,
    rotateToken,
    send: sender(kubeConfig),
    close: async () => {
      await fake.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function realApiServer(): Promise<ApiServer> {
  const kubeConfigFile = process.env['KUBECONFIG'] ?? '';
  const namespace = `nest-cluster-${randomBytes(4).toString('hex')}`;
  const kubeConfig = load(kubeConfigFile);
  const send = sender(kubeConfig);
  const created = await send('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  if (created.status !== 201) throw new Error(`namespace ${namespace} was not created: ${created.status}`);
  return {
    namespace,
    kubeConfigFile,
    kubeConfig,
    send,
    // The controller manager removes what is in it, if there is one. Nobody uses the namespace again, so nobody waits for that.
    close: async () => {
      const { status } = await send('DELETE', `/api/v1/namespaces/${namespace}`);
      if (status >= 300) throw new Error(`namespace ${namespace} was not removed: ${status}`);
    },
  };
}

export const apiServer = (): Promise<ApiServer> => (isReal ? realApiServer() : fakeApiServer());

function load(file: string): LoadKubeConfig {
  return () => {
    const config = new KubeConfig();
    config.loadFromFile(file);
    return config;
  };
}

function sender(kubeConfig: LoadKubeConfig): ApiServer['send'] {
  return async (method, path, body) => {
    const config = await kubeConfig();
    const options = { method, headers: { 'content-type': 'application/json' } };
    await config.applyToHTTPSOptions(options);
    return await new Promise((resolve, reject) => {
      const sent = request(new URL(path, config.getCurrentCluster()?.server), options, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, object: JSON.parse(text) as ApiObject }),
        );
      });
      sent.once('error', reject).end(body && JSON.stringify(body));
    });
  };
}
