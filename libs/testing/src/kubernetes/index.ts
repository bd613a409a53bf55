export { loopbackCertificate, type Certificate } from './certificate.js';
export { FakeKubernetes, type ApiRequest, type Fault } from './fake-kubernetes.js';
export { type ServerClock } from './server-clock.js';
export {
  ObjectStore,
  Refusal,
  type ObjectMetadata,
  type StoredObject,
  type StoreEvent,
} from './object-store.js';
