/**
 * What clients of microservices and gateways hear from `@LeaderOnly` where nobody leads, and where this node does (N5).
 */
import { once } from 'node:events';
import { Controller, Logger, Module, type INestApplication } from '@nestjs/common';
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { firstValueFrom, type Observable } from 'rxjs';
import { WebSocket } from 'ws';
import { ClusterLeadership, ClusterModule, LeaderOnly, MemoryNetwork } from '@nest-cluster/core';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

@Controller()
class Orders {
  readonly done: string[] = [];

  @MessagePattern('close')
  @LeaderOnly()
  close(): string {
    return 'closed';
  }

  @LeaderOnly()
  @MessagePattern('ask')
  ask(): Promise<string> {
    return Promise.resolve('asked');
  }

  @EventPattern('note')
  @LeaderOnly()
  note(data: string): void {
    this.done.push(data);
  }

  @EventPattern('hint')
  @LeaderOnly({ otherwise: 'skip' })
  hint(data: string): void {
    this.done.push(data);
  }
}

@WebSocketGateway()
class Gateway {
  @SubscribeMessage('close')
  @LeaderOnly()
  close(): object {
    return { event: 'closed', data: true };
  }
}

@Module({ controllers: [Orders], providers: [Gateway] })
class Feature {}

const REFUSAL = {
  status: 'error',
  code: 'CLUSTER_NOT_LEADER',
  message: 'Only the leader answers this, and nobody leads',
  leader: null,
};

/** Alone in its network: it leads when one node is enough. */
async function start(size: number): Promise<{ app: INestApplication; port: number }> {
  const cluster = ClusterModule.forRoot(
    { name: 'none', discover: () => Promise.resolve([]) },
    {
      size,
      name: 'me',
      thread: 'main',
      transport: new MemoryNetwork().transport,
      leadership: { leaseMs: 500 },
    },
  );
  const module = await Test.createTestingModule({ imports: [cluster, Feature] }).compile();
  const app = module.createNestApplication();
  app.useWebSocketAdapter(new WsAdapter(app));
  const port = await freePort();
  app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  if (size === 1) await until('this node leads', () => app.get(ClusterLeadership).isLeader());
  return { app, port };
}

/** What a client of the gateway is sent in answer to this. */
async function answerTo(app: INestApplication, event: string): Promise<unknown> {
  const socket = new WebSocket((await app.getUrl()).replace('http', 'ws'));
  try {
    await once(socket, 'open');
    const answer = once(socket, 'message');
    socket.send(JSON.stringify({ event }));
    const [message] = (await answer) as [Buffer];
    return JSON.parse(message.toString()) as unknown;
  } finally {
    socket.terminate();
  }
}

describe.each([
  [2, 'where nobody leads'],
  [1, 'on the leader'],
])('@LeaderOnly with %i nodes needed, %s', (size) => {
  const leads = size === 1;
  let app: INestApplication;
  let client: ReturnType<typeof ClientProxyFactory.create>;
  let logged: jest.SpyInstance;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const started = await start(size);
    app = started.app;
    client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: started.port },
    });
  });

  afterAll(async () => {
    await client.close();
    await app.close();
    logged.mockRestore();
  });

  const send = (pattern: string): Observable<unknown> => client.send(pattern, {});

  it.each(['close', 'ask'])('answers the request `%s` of a microservice', async (pattern) => {
    const answer = firstValueFrom(send(pattern));
    if (leads) await expect(answer).resolves.toMatch(/closed|asked/);
    else await expect(answer).rejects.toEqual(REFUSAL);
  });

  it('answers the client of a gateway', async () => {
    const answer = await answerTo(app, 'close');
    expect(answer).toEqual(leads ? { event: 'closed', data: true } : { event: 'exception', data: REFUSAL });
  });

  it('handles events of a microservice, or says in the log that it could not, unless they may be skipped', async () => {
    const { done } = app.get(Orders);
    client.emit('hint', 'hinted');
    client.emit('note', 'noted');
    await until(
      'the event was handled or refused',
      () => done.includes('noted') || logged.mock.calls.length > 0,
    );
    expect(done).toEqual(leads ? ['hinted', 'noted'] : []);
    const refusals = logged.mock.calls.map(([error]) => (error as { code?: string }).code);
    expect(refusals).toEqual(leads ? [] : ['CLUSTER_NOT_LEADER']);
  });
});
