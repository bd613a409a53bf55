import fc from 'fast-check';
import {
  aliveReply,
  aliveRequest,
  namesReply,
  namesRequest,
  portReply,
  portRequest,
  readAliveReply,
  readNamesReply,
  readPortReply,
  readRequest,
} from './epmd-protocol.js';

/** As seen between Erlang's own daemon and its clients (OTP 25). */
const SEEN = {
  alive: '00157811f84800000600050008' + Buffer.from('nestnode').toString('hex') + '0000',
  aliveAccepted: '76006b0022b5',
  aliveRefused: '760100000063',
  port: '00097a' + Buffer.from('nestnode').toString('hex'),
  unknown: '7701',
  names: '00016e',
};
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const node = {
  name: 'nestnode',
  port: 0x11f8,
  type: 72,
  protocol: 0,
  highest: 6,
  lowest: 5,
  extra: Buffer.from('{"id":"abc"}'),
};

describe("the port mapper's protocol", () => {
  it('writes requests as Erlang does', () => {
    expect(aliveRequest('nestnode', 0x11f8, Buffer.alloc(0)).toString('hex')).toBe(SEEN.alive);
    expect(portRequest('nestnode').toString('hex')).toBe(SEEN.port);
    expect(namesRequest().toString('hex')).toBe(SEEN.names);
  });

  it('reads replies as Erlang writes them', () => {
    expect(readAliveReply(hex(SEEN.aliveAccepted))).toBe(true);
    expect(readAliveReply(hex('79000002'))).toBe(true);
    expect(readAliveReply(hex(SEEN.aliveRefused))).toBe(false);
    expect(readPortReply(hex(SEEN.unknown))).toBeUndefined();
    const names = Buffer.concat([hex('00001111'), Buffer.from('name b at port 2\nname a at port 1\n')]);
    expect(readNamesReply(names)).toEqual(['b', 'a']);
  });

  it('understands its own requests and replies', () => {
    expect(readRequest(hex(SEEN.alive))).toEqual({
      kind: 'alive',
      node: { ...node, extra: Buffer.alloc(0) },
    });
    expect(readRequest(hex(SEEN.port))).toEqual({ kind: 'port', name: 'nestnode' });
    expect(readRequest(hex(SEEN.names))).toEqual({ kind: 'names' });
    expect(readPortReply(portReply(node))).toEqual(node);
    expect(readNamesReply(namesReply(4369, [node, { ...node, name: 'ü' }]))).toEqual(['nestnode', 'ü']);
    expect(aliveReply(node, true, 0x22b5).toString('hex')).toBe('7600000022b5');
    expect(aliveReply({ ...node, highest: 5 }, true, 2).toString('hex')).toBe('79000002');
  });

  it('waits for the rest of a request, and never throws at anything else (W5)', () => {
    const whole = hex(SEEN.alive);
    for (let length = 0; length < whole.length; length++)
      expect(readRequest(whole.subarray(0, length))).toBe('more');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.constantFrom(120, 122, 110), (bytes, kind) => {
        const any = Buffer.from(bytes);
        const framed = Buffer.concat([Buffer.from([any.length >> 8, any.length & 255, kind]), any]);
        for (const read of [readRequest, readAliveReply, readPortReply, readNamesReply]) {
          expect(() => read(any)).not.toThrow();
          expect(() => read(framed)).not.toThrow();
        }
      }),
    );
  });

  it('takes no name that would read as two', () => {
    expect(readRequest(aliveRequest('a at port 1\nname b', 1, Buffer.alloc(0)))).toBeUndefined();
    expect(readRequest(aliveRequest('n'.repeat(256), 1, Buffer.alloc(0)))).toBeUndefined();
    expect(readRequest(aliveRequest('n', 1, Buffer.alloc(1_001)))).toBeUndefined();
  });
});
