import { HttpException } from '@nestjs/common';
import { notLeader } from './not-leader.js';

const leadership = { leader: { name: 'b', incarnation: '1', token: 3 } };

describe('what a caller is told off the leader (N5)', () => {
  it('gives GraphQL clients the code and the leader as extensions, which drivers leave as they are', () => {
    const error = notLeader('graphql', leadership, 'Orders.close()');
    expect(error).toMatchObject({ extensions: { code: 'CLUSTER_NOT_LEADER', leader: 'b' } });
    expect(error.message).toBe('Only the leader answers this: b');
    // Apollo's driver replaces the code where an exception has a response with a status code.
    expect(error).toBeInstanceOf(HttpException);
    expect((error as HttpException).getResponse()).not.toHaveProperty('statusCode');
  });

  it('gives HTTP clients a 503', () => {
    expect(notLeader('http', leadership, 'Orders.close()')).toMatchObject({
      status: 503,
      response: { statusCode: 503, code: 'CLUSTER_NOT_LEADER', leader: 'b' },
    });
  });

  it('names the method and the leader where code has called', () => {
    const error = notLeader('code', leadership, 'Orders.close()');
    expect(error).toMatchObject({ name: 'ClusterError', code: 'CLUSTER_NOT_LEADER' });
    expect(error.message).toBe('Orders.close() runs on the leader only; b leads');
  });
});
