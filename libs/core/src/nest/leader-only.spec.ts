import { Injectable, Logger, type INestApplication } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { Cron, Interval, Timeout } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { ClusterLeadership } from './cluster-leadership.js';
import { turn } from './fakes.fixture.js';
import { OnNodeUp } from './handler.decorators.js';
import { LeaderOnly } from './leader-only.decorator.js';
import { leaderOnlyApp } from './leader-only.fixture.js';

@Injectable()
class Jobs {
  readonly ran: string[] = [];
  constructor(private readonly leadership: ClusterLeadership) {}

  @LeaderOnly()
  add(a: number, b: number): number {
    this.ran.push('add');
    return a + b;
  }

  @LeaderOnly({ otherwise: 'skip' })
  optional(): string {
    return 'done';
  }

  @LeaderOnly()
  async slow(): Promise<{ token: number; isAborted: boolean }> {
    await turn();
    return { token: this.leadership.token, isAborted: this.leadership.signal.aborted };
  }

  @LeaderOnly()
  fail(): never {
    throw new Error('mine');
  }

  @LeaderOnly()
  @Cron('* * * * * *', { name: 'above' })
  cronAbove(): void {
    this.ran.push('cronAbove');
  }

  @Cron('* * * * * *', { name: 'below' })
  @LeaderOnly()
  cronBelow(): void {
    this.ran.push('cronBelow');
  }

  @Interval(20)
  @LeaderOnly()
  interval(): void {
    this.ran.push('interval');
  }

  @LeaderOnly()
  @Timeout(20)
  timeout(): void {
    this.ran.push('timeout');
  }

  @LeaderOnly()
  @OnEvent('order')
  listen(): void {
    this.ran.push('listen');
  }

  @OnNodeUp()
  @LeaderOnly()
  greet(): void {
    this.ran.push('greet');
  }

  @Cron('0 0 1 1 *')
  @LeaderOnly({ otherwise: 'throw' })
  insist(): void {
    this.ran.push('insist');
  }
}

class FromFactory {
  @LeaderOnly()
  work(): string {
    return 'done';
  }
}

function notLeading(message = /./): Error {
  return expect.objectContaining({
    name: 'ClusterError',
    code: 'CLUSTER_NOT_LEADER',
    message: expect.stringMatching(message) as string,
  }) as Error;
}

beforeAll(() => Logger.overrideLogger(false));

describe('@LeaderOnly on methods (N5)', () => {
  let app: INestApplication;
  afterEach(() => app.close());

  it('fails before start, and elsewhere than on the leader, so that no work is lost unseen', async () => {
    const { module, lead, leadElsewhere } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    expect(() => jobs.add(1, 2)).toThrow(notLeading(/Jobs\.add\(\) runs on the leader only/));
    await app.init();
    leadElsewhere('other');
    expect(() => jobs.add(1, 2)).toThrow(notLeading(/other leads/));
    lead();
    expect(jobs.add(1, 2)).toBe(3);
    expect(jobs.ran).toEqual(['add']);
  });

  it('rejects where the method is asynchronous', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    await app.init();
    const refused = module.get(Jobs).slow();
    await expect(refused).rejects.toThrow(notLeading(/Jobs\.slow\(\)/));
  });

  it('skips jobs, listeners and cluster events by default, because nobody waits for them', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    await app.init();
    for (const name of ['cronAbove', 'cronBelow', 'interval', 'timeout', 'listen', 'greet'] as const)
      expect(jobs[name]()).toBeUndefined();
    expect(jobs.ran).toEqual([]);
  });

  it('skips or fails as `otherwise` says', async () => {
    const { module, lead } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    await app.init();
    expect(jobs.optional()).toBeUndefined();
    expect(() => jobs.insist()).toThrow(notLeading(/Jobs\.insist\(\)/));
    lead();
    expect(jobs.optional()).toBe('done');
  });

  it('hands results, promises and errors through, and keeps name and length', async () => {
    const { module, lead } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    await app.init();
    lead(5);
    await expect(jobs.slow()).resolves.toEqual({ token: 5, isAborted: false });
    expect(() => jobs.fail()).toThrow('mine');
    expect(jobs.add.name).toBe('add');
    expect(jobs.add).toHaveLength(2);
  });

  it('keeps metadata on whichever side it was put', () => {
    const keysOf = (method: object) => Reflect.getMetadataKeys(method).map(String);
    const { cronAbove, cronBelow, listen } = Jobs.prototype;
    expect(keysOf(cronAbove)).toEqual(expect.arrayContaining(['SCHEDULE_CRON_OPTIONS', 'SCHEDULER_TYPE']));
    expect(keysOf(cronBelow)).toEqual(expect.arrayContaining(['SCHEDULE_CRON_OPTIONS', 'SCHEDULER_TYPE']));
    expect(keysOf(listen)).toContain('EVENT_LISTENER_METADATA');
  });

  it('goes with @Cron, @Interval and @Timeout in either order', async () => {
    const { module, lead } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    await app.init();
    lead();
    const all = ['cronAbove', 'cronBelow', 'interval', 'timeout'];
    while (!all.every((job) => jobs.ran.includes(job))) await turn();
    expect(jobs.ran).toEqual(expect.arrayContaining(all));
  });

  it('works on what a factory made', async () => {
    const { module, lead } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    await app.init();
    expect(() => module.get(FromFactory).work()).toThrow(notLeading(/nobody is known/));
    lead();
    expect(module.get(FromFactory).work()).toBe('done');
  });

  it('shows nothing on the instance', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    const jobs = module.get(Jobs);
    app = module.createNestApplication();
    expect(Reflect.ownKeys(jobs).sort()).toEqual(['leadership', 'ran']);
  });

  it('N3: asks the application that the instance belongs to', async () => {
    const one = await leaderOnlyApp([Jobs, FromFactory]);
    const two = await leaderOnlyApp([Jobs, FromFactory]);
    app = one.module.createNestApplication();
    const other = two.module.createNestApplication();
    await Promise.all([app.init(), other.init()]);
    two.lead();
    expect(() => one.module.get(Jobs).add(1, 2)).toThrow(notLeading());
    expect(two.module.get(Jobs).add(1, 2)).toBe(3);
    await other.close();
    expect(() => two.module.get(Jobs).add(1, 2)).toThrow(notLeading());
  });

  it('says what is missing where there is no cluster at all', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    const alone = await Test.createTestingModule({ providers: [FromFactory] }).compile();
    expect(() => alone.get(FromFactory).work()).toThrow(notLeading(/ClusterModule.*fakeLeadership/));
    await alone.close();
  });

  it('warns once of a job that is skipped because there is no cluster at all', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const unbound = new Jobs(app.get(ClusterLeadership));
    unbound.cronAbove();
    unbound.cronAbove();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/Jobs\.cronAbove\(\) .* It is skipped/)]]);
    warn.mockRestore();
  });

  it('takes the word of a mock that says no more than isLeader', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    let isLeading = true;
    const mock = { isLeader: () => isLeading };
    const unit = await Test.createTestingModule({
      providers: [Jobs, { provide: ClusterLeadership, useValue: mock }],
    }).compile();
    expect(unit.get(Jobs).add(1, 2)).toBe(3);
    isLeading = false;
    expect(() => unit.get(Jobs).add(1, 2)).toThrow(notLeading());
    await unit.close();
  });

  it('refuses to stand on anything but a method of instances', async () => {
    const { module } = await leaderOnlyApp([Jobs, FromFactory]);
    app = module.createNestApplication();
    expect(() => {
      class Wrong {
        @LeaderOnly()
        static work(): void {}
      }
      return Wrong;
    }).toThrow(expect.objectContaining({ code: 'CLUSTER_HANDLER_INVALID' }));
  });
});
