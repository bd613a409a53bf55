/**
 * A process whose client library for Kubernetes fails while it is loaded, as 2.x does on Node 20. Says what comes of three
 * attempts to start discovery.
 */
import { register } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

const [broken] = process.argv.slice(2);
const hooks = `export const resolve = (specifier, context, next) =>
  specifier === '@kubernetes/client-node' ? { url: ${JSON.stringify(broken)}, shortCircuit: true } : next(specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { kubernetes } = await import('@nest-cluster/kubernetes');
const strategy = kubernetes({ selector: 'app=shop' }).create({ KUBERNETES_SERVICE_HOST: '10.96.0.1' });
for (let attempt = 0; attempt < 3; attempt++) {
  await strategy.start({ self: { port: 1 } }).catch(({ message }) => console.log(message));
  // An unhandled rejection ends the process before this turn is over.
  await turn();
}
console.log('alive');
