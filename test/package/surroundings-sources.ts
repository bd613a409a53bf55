/**
 * The program that the surroundings run, and how they are told to.
 */
export const MAIN = `import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, ClusterModule, ClusterStore, gossip } from '@nest-cluster/core';

const { CLUSTER_SIZE = '1', GOSSIP_PORT, NODE_APP_INSTANCE = '0', STAYS } = process.env;
const size = Number(CLUSTER_SIZE);
const strategy = gossip({ port: Number(GOSSIP_PORT), interface: '127.0.0.1' });
class App {}
Module({ imports: [ClusterModule.forRoot(strategy, { cluster: 'surroundings', size })] })(App);

async function main() {
  const app = await NestFactory.createApplicationContext(App, { logger: ['warn', 'error'], abortOnError: false });
  app.enableShutdownHooks();
  const [cluster, store] = [app.get(Cluster), app.get(ClusterStore)];
  await store.whenReady();
  await store.set('instance-' + NODE_APP_INSTANCE, true);
  const look = () => {
    if (cluster.state !== 'green') return;
    if (STAYS) return console.log('instance ' + NODE_APP_INSTANCE + ' state green, written by ' + store.size);
    console.log('state green, thread ' + (process.getActiveResourcesInfo().includes('MessagePort') ? 'worker' : 'main'));
    clearInterval(timer);
    void app.close();
  };
  const timer = setInterval(look, 100);
}

main().catch((error) => {
  console.log('START FAILS: ' + error.message);
  process.exit(1);
});
`;

/** What Nest loads if it is there. */
const OPTIONAL = `const optional = ['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express', 'class-validator',
  'class-transformer', '@grpc', '@nest-cluster/kubernetes', 'cache-manager', '@fastify', 'ioredis', 'kafkajs', 'mqtt', 'nats', 'amqplib'];
`;

export const ESBUILD = `import { build } from 'esbuild';
${OPTIONAL}
const [outdir, format] = process.argv.slice(2);
const esm = format === 'esm';
const banner = esm ? { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" } : {};
const common = { bundle: true, platform: 'node', logLevel: 'error', external: optional.flatMap((name) => [name, name + '/*']) };
await build({ ...common, entryPoints: ['main.mjs'], format, banner, outfile: outdir + (esm ? '/main.mjs' : '/main.js') });
await build({
  ...common,
  entryPoints: { 'nest-cluster-worker': '@nest-cluster/core/worker' },
  format: 'cjs',
  outdir,
});
`;

export const WEBPACK = `import webpack from 'webpack';
${OPTIONAL}
const [path] = process.argv.slice(2);
const isOptional = (request) => optional.some((name) => request === name || request.startsWith(name + '/'));
const configuration = {
  mode: 'production',
  target: 'node',
  context: process.cwd(),
  entry: { main: './main.mjs', 'nest-cluster-worker': '@nest-cluster/core/worker' },
  output: { path, filename: '[name].js' },
  optimization: { minimize: false },
  externals: [({ request }, done) => (isOptional(request) ? done(null, 'commonjs ' + request) : done())],
};
await new Promise((resolve, reject) =>
  webpack(configuration, (error, stats) => {
    if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
    else resolve();
  }),
);
`;

export const OWN_WORKER = `console.log('state green, thread own');
setInterval(() => {}, 1000);
`;

export const PM2 = `module.exports = { apps: [{ name: 'surroundings', script: './main.mjs', instances: 3, exec_mode: 'cluster' }] };
`;
