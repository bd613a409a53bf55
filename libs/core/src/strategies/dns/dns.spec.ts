import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ClusterStrategy, StrategyContext } from '../../ports/cluster-strategy.js';
import { dns } from './dns.js';
import type { DnsOptions } from './dns.js';

const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;
const TYPE = { A: 1, AAAA: 28, SRV: 33 } as const;

interface Reply {
  readonly code?: keyof typeof RCODE;
  readonly type?: keyof typeof TYPE;
  readonly ttl?: number;
  readonly records?: readonly Buffer[];
  readonly silent?: boolean;
}

/** A DNS server that gives one reply to every question, or another one to those for an A record. */
class Server {
  reply: Reply = {};
  replyToA: Reply | undefined;
  asked = 0;
  private constructor(private readonly socket: Socket) {
    socket.on('message', (query, { port, address }) => {
      this.asked++;
      const answer = this.answer(query);
      if (answer) socket.send(answer, port, address);
    });
  }

  static async start(): Promise<Server> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Server(socket);
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  close(): void {
    this.socket.close();
  }

  private answer(query: Buffer): Buffer | undefined {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const isForA = question.readUInt16BE(question.length - 4) === TYPE.A;
    const reply = (isForA && this.replyToA) || this.reply;
    const { code = 'NOERROR', type = 'A', ttl = 30, records = [], silent = false } = reply;
    if (silent) return undefined;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | RCODE[code], 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const answers = records.map((data) => {
      const record = Buffer.alloc(12);
      record.writeUInt16BE(0xc00c, 0);
      record.writeUInt16BE(TYPE[type], 2);
      record.writeUInt16BE(1, 4);
      record.writeUInt32BE(ttl, 6);
      record.writeUInt16BE(data.length, 10);
      return Buffer.concat([record, data]);
    });
    return Buffer.concat([header, question, ...answers]);
  }
}

function srv(priority: number, port: number, target: string): Buffer {
  const numbers = Buffer.alloc(6);
  numbers.writeUInt16BE(priority, 0);
  numbers.writeUInt16BE(port, 4);
  const labels = target
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([numbers, ...labels, Buffer.alloc(1)]);
}

describe('dns', () => {
  let server: Server;
  const notes: string[] = [];
  const started: ClusterStrategy[] = [];
  let woken = 0;

  const strategy = (options: DnsOptions = {}): ClusterStrategy => {
    const made = dns({ query: 'shop.lan', servers: server.address, ...options }).create({});
    const context: StrategyContext = {
      cluster: 'default',
      secrets: [],
      self: { name: 'n1', incarnation: '0'.repeat(32), host: '127.0.0.1', port: 4711 },
      loopbackOnly: true,
      found: () => undefined,
      wake: () => woken++,
      rejected: () => undefined,
      note: (text) => notes.push(text),
    };
    void made.start?.(context);
    started.push(made);
    return made;
  };
  const ask = (of: ClusterStrategy): Promise<readonly string[]> => of.discover(AbortSignal.timeout(20_000));

  beforeEach(async () => {
    server = await Server.start();
    notes.length = 0;
    woken = 0;
  });

  afterEach(() => {
    for (const made of started.splice(0)) void made.stop?.();
    server.close();
  });

  it('finds addresses at the port that this node has, or at the one given', async () => {
    server.reply = { records: [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])] };
    expect((await ask(strategy())).toSorted()).toEqual(['10.0.0.1:4711', '10.0.0.2:4711']);
    expect((await ask(strategy({ port: 7000 }))).toSorted()).toEqual(['10.0.0.1:7000', '10.0.0.2:7000']);
  });

  it('finds IPv6 addresses, in brackets', async () => {
    server.reply = { type: 'AAAA', records: [Buffer.from('fd000000000000000000000000000002', 'hex')] };
    expect(await ask(strategy({ type: 'AAAA' }))).toEqual(['[fd00::2]:4711']);
  });

  it('takes hosts and ports from SRV records, the preferred first', async () => {
    server.reply = { type: 'SRV', records: [srv(20, 4002, 'b.lan'), srv(10, 4001, 'a.lan')] };
    expect(await ask(strategy({ type: 'SRV' }))).toEqual(['a.lan:4001', 'b.lan:4002']);
  });

  it('asks the same servers for the hosts of SRV records, whose names the system may not know', async () => {
    server.reply = { type: 'SRV', records: [srv(10, 4001, 'a.lan')] };
    server.replyToA = { records: [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])] };
    expect(await ask(strategy({ type: 'SRV' }))).toEqual(['10.0.0.1:4001', '10.0.0.2:4001']);
  });

  it('finds nobody under a name that does not exist, and notes it', async () => {
    server.reply = { code: 'NXDOMAIN' };
    expect(await ask(strategy())).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/shop\.lan does not exist/)]);
  });

  it('finds nobody under a name without such records', async () => {
    expect(await ask(strategy())).toEqual([]);
    expect(notes).toEqual([]);
  });

  it.each(['SERVFAIL', 'REFUSED'] as const)('takes %s for no answer at all (D3)', async (code) => {
    server.reply = { code };
    await expect(ask(strategy())).rejects.toThrow(`DNS gave no answer to A shop.lan: E${code}`);
  });

  it('gives up at once when told to (D3)', async () => {
    server.reply = { silent: true };
    const asking = new AbortController();
    const asked = strategy().discover(asking.signal);
    asking.abort();
    await expect(asked).rejects.toThrow(/ECANCELLED/);
    await expect(strategy().discover(asking.signal)).rejects.toThrow(/aborted/);
  });

  it.each([
    ['soonest', 0, 20_000],
    ['latest', 1, 24_000],
  ])(
    'asks anew when the answer is no longer valid, at the %s, until it is stopped (D2)',
    async (_, chance, dueMs) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      jest.spyOn(Math, 'random').mockReturnValue(chance);
      try {
        server.reply = { ttl: 20, records: [Buffer.from([10, 0, 0, 1])] };
        const polling = strategy();
        await ask(polling);
        jest.advanceTimersByTime(dueMs - 1);
        expect(woken).toBe(0);
        jest.advanceTimersByTime(1);
        expect(woken).toBe(1);
        await ask(polling);
        await polling.stop?.();
        jest.advanceTimersByTime(60_000);
        expect(woken).toBe(1);
      } finally {
        jest.useRealTimers();
        jest.restoreAllMocks();
      }
    },
  );

  it('reads its settings from the environment, and names what is wrong with them', async () => {
    server.reply = { type: 'SRV', records: [srv(10, 4001, 'a.lan')] };
    const env = {
      CLUSTER_DNS_QUERY: '_shop._tcp.lan',
      CLUSTER_DNS_TYPE: 'srv',
      CLUSTER_DNS_SERVERS: server.address,
    };
    expect(await ask(dns().create(env))).toEqual(['a.lan:4001']);
    expect(dns().problems(env)).toEqual([]);
    expect(
      dns()
        .problems({})
        .map(({ option, variable }) => [option, variable]),
    ).toEqual([['dns.query', 'CLUSTER_DNS_QUERY']]);
    const wrong = {
      CLUSTER_DNS_QUERY: 'a b',
      CLUSTER_DNS_TYPE: 'MX',
      CLUSTER_DNS_PORT: '0',
      CLUSTER_DNS_SERVERS: 'ns.lan',
    };
    expect(
      dns()
        .problems(wrong)
        .map(({ option }) => option)
        .toSorted(),
    ).toEqual(['dns.port', 'dns.query', 'dns.servers', 'dns.type']);
  });
});
