/**
 * Keys made of the cluster's secret (W1, W4): one per cluster and purpose, so that a key that leaks or is used up in one
 * place opens nothing elsewhere. The secret itself never leaves the process.
 */
import { createHash, hkdfSync } from 'node:crypto';

export type KeyPurpose = 'link' | 'gossip';

/** 32 bytes by HKDF-SHA256 (RFC 5869). Equal secrets give unlike keys for unlike clusters and purposes. */
export function deriveKey(secret: string, cluster: string, purpose: KeyPurpose): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'nest-cluster', JSON.stringify([purpose, cluster]), 32));
}

/** Names a key in the clear, in 16 hexadecimal digits (8 bytes), without telling anything about it (W3). */
export function keyId(key: Uint8Array): string {
  return createHash('sha256').update('nest-cluster key id').update(key).digest('hex').slice(0, 16);
}
