import { inspect } from 'node:util';
import { ClusterManagementModule } from './cluster-management.module.js';
import { resolveManagement } from './management-options.js';

const token = 'seldom-told-4711';

describe('the token in the options', () => {
  const shown = (value: unknown) => inspect(value, { depth: 20, showHidden: true });

  it('is not shown by what prints the resolved options, and opens the door all the same', () => {
    const resolved = resolveManagement({ token }, {}, {});
    for (const text of [shown(resolved), JSON.stringify(resolved), String(resolved.token)]) {
      expect(text).not.toContain(token);
      expect(text).toContain('[management token]');
    }
    expect(resolved.token?.isSameAs(token)).toBe(true);
    expect(resolved.token?.isSameAs(`${token} `)).toBe(false);
  });

  it('is not shown by what prints the module', () => {
    expect(shown(ClusterManagementModule.forRoot({ token, path: 'ops' }))).not.toContain(token);
    expect(shown(ClusterManagementModule.forRootAsync({ useFactory: () => ({ token }) }))).not.toContain(
      token,
    );
  });

  it('comes from the environment, too, and is drawn when there is none', () => {
    const env = { CLUSTER_MANAGEMENT_TOKEN: token };
    expect(resolveManagement({}, {}, env).token?.isSameAs(token)).toBe(true);
    expect(shown(resolveManagement({}, {}, env))).not.toContain(token);
    const [one, other] = [resolveManagement({}, {}, {}), resolveManagement({}, {}, {})];
    expect(one.token?.reveal()).toMatch(/^[0-9a-f]{32}$/);
    expect(one.token?.reveal()).not.toBe(other.token?.reveal());
  });
});
