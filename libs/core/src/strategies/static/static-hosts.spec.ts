import { hostname } from 'node:os';
import { staticHosts } from './static-hosts.js';

const discover = (
  strategy: ReturnType<ReturnType<typeof staticHosts>['create']>,
): Promise<readonly string[]> => strategy.discover(AbortSignal.timeout(1_000));

describe('staticHosts', () => {
  it('names the given hosts, which are the voters (L5)', async () => {
    const strategy = staticHosts({ hosts: ['a:4000', 'b', '[fd00::2]:4001', 'a:4000'] }).create({});
    const hosts = ['a:4000', 'b:45893', '[fd00::2]:4001'];
    expect(await discover(strategy)).toEqual(hosts);
    expect(strategy.voters?.()).toEqual(hosts);
    expect(strategy.carriesPort).toBeFalsy();
  });

  it('knows this machine in the list by its name, and says so when this node is not in it (L5)', async () => {
    const here = `${hostname()}:4000`;
    expect(
      staticHosts({ hosts: ['a:4000', here] })
        .create({})
        .identity?.(),
    ).toEqual({ host: hostname() });
    const notes: string[] = [];
    const startAs = (name: string, host: string): unknown =>
      staticHosts({ hosts: ['a:4000', 'b:4000'] })
        .create({})
        .start?.({
          cluster: 'default',
          secrets: [],
          self: { name, incarnation: '0'.repeat(32), host, port: 4000 },
          loopbackOnly: false,
          found: () => undefined,
          wake: () => undefined,
          rejected: () => undefined,
          note: (text) => notes.push(text),
        });
    startAs('n1', 'b');
    expect(notes).toEqual([]);
    startAs('n1', '10.0.0.7');
    expect(notes).toEqual([expect.stringMatching(/^10\.0\.0\.7:4000 is not in CLUSTER_HOSTS.*no vote/)]);
  });

  it('reads CLUSTER_HOSTS, unless code says otherwise', async () => {
    const env = { CLUSTER_HOSTS: 'a:1, b:2,' };
    expect(await discover(staticHosts().create(env))).toEqual(['a:1', 'b:2']);
    expect(await discover(staticHosts({ hosts: 'c:3' }).create(env))).toEqual(['c:3']);
  });

  it.each([undefined, '', 'a:0', 'a:70000', 'a b', 'http://a:1', 'a:1,:2', 'fd00::2', '[fd00::2'])(
    'refuses %p with option, rule and variable',
    (hosts) => {
      expect(staticHosts().problems({ CLUSTER_HOSTS: hosts })).toEqual([
        {
          option: 'static.hosts',
          value: hosts || undefined,
          rule: 'addresses of all nodes, host:port with commas between',
          variable: 'CLUSTER_HOSTS',
        },
      ]);
    },
  );
});
