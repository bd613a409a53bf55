/**
 * M1: on every node, up and down alternate for every name; a restart under the same name is down, then up.
 */
import type { NodeInfo } from '@nest-cluster/protocol';
import type { Checker } from '../checker.js';
import type { Process } from '../process.js';
import type { World } from '../world.js';

export function alternation(world: World): Checker {
  const seen = new Map<Process, Map<string, NodeInfo>>();
  return {
    started: (process) => void seen.set(process, new Map()),
    ended: (process) => void seen.delete(process),
    event(process, event) {
      if (event.type !== 'nodeUp' && event.type !== 'nodeDown') return;
      const { node } = event;
      const up = seen.get(process);
      const known = up?.get(node.name);
      if (event.type === 'nodeUp') {
        if (known)
          world.violate(
            'M1',
            `${process.info.name} is told that ${node.name} is up, which it was (${known.incarnation})`,
          );
        up?.set(node.name, node);
      } else {
        if (known?.incarnation !== node.incarnation)
          world.violate('M1', `${process.info.name} is told that ${node.name} is down, which was not up`);
        up?.delete(node.name);
      }
    },
  };
}
