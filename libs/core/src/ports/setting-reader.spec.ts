import { SettingReader } from './setting-reader.js';

const setting = (given?: unknown) => ({ option: 'gossip.ttl', variable: 'CLUSTER_GOSSIP_TTL', given });

describe('SettingReader', () => {
  it('takes code first, then the environment, then the default', () => {
    const reader = new SettingReader({ CLUSTER_GOSSIP_TTL: '2' });
    expect(reader.integer(setting(3), 0, 9, 1)).toBe(3);
    expect(reader.integer(setting(), 0, 9, 1)).toBe(2);
    expect(new SettingReader({ CLUSTER_GOSSIP_TTL: ' ' }).integer(setting(), 0, 9, 1)).toBe(1);
    expect(reader.problems).toEqual([]);
  });

  it('goes on with the default after a problem, and keeps all of them', () => {
    const reader = new SettingReader({ CLUSTER_GOSSIP_TTL: '12' });
    expect([reader.integer(setting(), 0, 9, 1), reader.flag(setting(), true)]).toEqual([1, true]);
    expect(reader.integer(setting(1.5), 0, 9, 1)).toBe(1);
    expect(reader.problems).toEqual([
      {
        option: 'gossip.ttl',
        value: '12',
        rule: 'a whole number from 0 to 9',
        variable: 'CLUSTER_GOSSIP_TTL',
      },
      { option: 'gossip.ttl', value: '12', rule: 'true or false', variable: 'CLUSTER_GOSSIP_TTL' },
      expect.objectContaining({ value: 1.5 }),
    ]);
  });

  it('understands flags and lists as people write them', () => {
    const flag = (text: string): boolean =>
      new SettingReader({ CLUSTER_GOSSIP_TTL: text }).flag(setting(), false);
    expect(['true', 'TRUE', '1', 'yes'].map(flag)).toEqual([true, true, true, true]);
    expect(new SettingReader({}).flag(setting(false), true)).toBe(false);
    expect(new SettingReader({}).list(setting(' a, b ,'), 'names', () => true)).toEqual(['a', 'b']);
  });
});
