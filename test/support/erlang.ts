/**
 * Erlang's own port mapper and nodes, from Debian's package `erlang-base`, on a port that nobody else uses. Whoever makes one
 * closes it.
 */
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { until } from './until.js';

const run = promisify(execFile);

export const hasErlang =
  spawnSync('erl', ['-version']).status === 0 && spawnSync('epmd', ['-h']).error === undefined;

const COOKIE = ['-setcookie', 'test'];
const NODE_TYPE_NORMAL = 77;

export class Erlang {
  private readonly children: ChildProcess[] = [];
  private readonly closers: (() => void)[] = [];
  private daemon: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  /** No daemon yet. */
  static async prepare(): Promise<Erlang> {
    return new Erlang(await freePort());
  }

  /** Resolves when a port mapper answers, be it this daemon or one that was there before it. */
  async startDaemon(): Promise<void> {
    this.daemon = this.child('epmd', ['-port', String(this.port), '-address', '127.0.0.1']);
    await until('epmd answers', async () => (await this.listed()).includes('up and running'));
  }

  async killDaemon(): Promise<void> {
    if (this.daemon) await end(this.daemon);
  }

  /** What Erlang's own tool lists, or an empty text while nothing answers. */
  async listed(): Promise<string> {
    return run('epmd', ['-port', String(this.port), '-names']).then(
      ({ stdout }) => stdout,
      () => '',
    );
  }

  async lists(...names: readonly string[]): Promise<void> {
    await until(`epmd -names lists ${names.join(', ')}`, async () => {
      const list = await this.listed();
      return names.every((name) => list.includes(`name ${name} at port `));
    });
  }

  async listsNoMore(name: string): Promise<void> {
    await until(`epmd -names lists ${name} no more`, async () => {
      const list = await this.listed();
      return list.includes('up and running') && !list.includes(`name ${name} at`);
    });
  }

  async startNode(name: string): Promise<ChildProcess> {
    const local = ['-start_epmd', 'false', '-kernel', 'inet_dist_use_interface', '{127,0,0,1}'];
    const made = this.child('erl', ['-noshell', '-noinput', ...named(name), ...local]);
    await this.lists(name);
    return made;
  }

  /** What another Erlang node gets to hear from this one. */
  async evaluates(expression: string, name?: string): Promise<string> {
    const own = name === undefined ? [] : [...named(name), '-start_epmd', 'false'];
    const code = `io:format("~p", [${expression}]), halt().`;
    const { stdout } = await run('erl', ['-noshell', ...own, '-eval', code], { env: this.env });
    return stdout;
  }

  /** Something that looks like an Erlang node to the port mapper, and counts who connects to it. */
  async startBystander(name: string): Promise<{ connections: number }> {
    const bystander = { connections: 0 };
    const server = createServer((socket) => {
      bystander.connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const registration = connect(this.port, '127.0.0.1').on('error', () => undefined);
    registration.write(aliveRequest(name, port));
    this.closers.push(() => void (registration.destroy(), server.close()));
    await this.lists(name);
    return bystander;
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) close();
    await Promise.all(this.children.splice(0).map(end));
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, ERL_EPMD_PORT: String(this.port) };
  }

  private child(command: string, args: readonly string[]): ChildProcess {
    const made = spawn(command, args, { env: this.env, stdio: 'ignore' });
    this.children.push(made);
    return made;
  }
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function named(name: string): readonly string[] {
  return ['-name', `${name}@127.0.0.1`, ...COOKIE];
}

/** As an Erlang node asks for its name: length, 120, port, type, protocol 0, versions 6 and 5, name, no note. */
function aliveRequest(name: string, port: number): Buffer {
  const body = Buffer.alloc(13 + name.length + 2);
  body.writeUInt8(120, 0);
  body.writeUInt16BE(port, 1);
  body.writeUInt8(NODE_TYPE_NORMAL, 3);
  body.writeUInt16BE(6, 5);
  body.writeUInt16BE(5, 7);
  body.writeUInt16BE(name.length, 9);
  body.write(name, 11);
  const framed = body.subarray(0, 11 + name.length + 2);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(framed.length, 0);
  return Buffer.concat([length, framed]);
}
