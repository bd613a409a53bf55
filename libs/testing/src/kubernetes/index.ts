export { loopbackCertificate, type Certificate } from './certificate.js';
export { FakeKubernetes, type ApiRequest, type Fault } from './fake-kubernetes.js';
export { type ServerClock } from './server-clock.js';
export { ObjectStore, type ObjectMetadata, type StoredObject, type StoreEvent } from './object-store.js';
export { Refusal } from './refusal.js';
export { Rights, type PolicyRule, type Right } from './rights.js';
