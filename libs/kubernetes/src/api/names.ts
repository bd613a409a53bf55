/**
 * Names as Kubernetes allows them.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const NAMESPACE = new RegExp(`^${LABEL}$`);
const OBJECT = new RegExp(`^${LABEL}(\\.${LABEL})*$`);

/** Names of namespaces are DNS labels. */
export function isNamespace(text: string): boolean {
  return text.length <= 63 && NAMESPACE.test(text);
}

/** Names of most objects are DNS subdomains: labels with dots between. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && OBJECT.test(text);
}
