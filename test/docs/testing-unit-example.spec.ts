import { ClusterLeadership, ClusterStore } from '@nest-cluster/core';
import { fakeLeadership } from '@nest-cluster/testing';
import { Test } from '@nestjs/testing';
import { Reports } from './app.module.js';

describe('Reports', () => {
  const set = jest.fn();
  const store = { set };

  afterEach(() => set.mockReset());

  it('writes a report as leader, and nothing elsewhere', async () => {
    const leadership = fakeLeadership({ token: 7 });
    const unit = await Test.createTestingModule({
      providers: [
        Reports,
        { provide: ClusterStore, useValue: store },
        { provide: ClusterLeadership, useValue: leadership },
      ],
    }).compile();
    await unit.get(Reports).hourly();
    expect(set).toHaveBeenCalledWith('last-report', expect.objectContaining({ token: 7 }));
    leadership.lose();
    await unit.get(Reports).hourly();
    expect(set).toHaveBeenCalledTimes(1);
  });

  it('needs no module', async () => {
    const leadership = fakeLeadership();
    const reports = leadership.bind(new Reports(store as unknown as ClusterStore, leadership));
    await reports.hourly();
    expect(set).toHaveBeenCalledTimes(1);
  });
});
