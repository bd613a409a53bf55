/**
 * The manifests under `deploy/`, as `kubectl kustomize` would put them together.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAllYaml, loadYaml, type V1Container, type V1PodSpec } from '@kubernetes/client-node';

export const DEPLOY = join(__dirname, '../../../deploy');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** Every object of a kustomization, in the order of its files. */
export function manifests(folder: string): readonly Manifest[] {
  const { resources } = loadYaml<{ readonly resources: readonly string[] }>(
    text(folder, 'kustomization.yaml'),
  );
  return resources.flatMap((resource) =>
    resource.endsWith('.yaml')
      ? (loadAllYaml(text(folder, resource)) as readonly Manifest[])
      : manifests(join(folder, resource)),
  );
}

export function text(...path: readonly string[]): string {
  return readFileSync(join(DEPLOY, ...path), 'utf8');
}

export function only(all: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = all.filter(
    (each) => each.kind === kind && (name ?? each.metadata.name) === each.metadata.name,
  );
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} objects of kind ${kind}`);
  return first;
}

/** What the pods of a StatefulSet or Deployment are made of. */
export function podOf(workload: Manifest): { readonly spec: V1PodSpec; readonly container: V1Container } {
  const { spec } = workload.spec['template'] as { readonly spec: V1PodSpec };
  const [container] = spec.containers;
  if (container === undefined) throw new Error('a pod without a container');
  return { spec, container };
}

/** The container's environment, with `given` for what the cluster would fill in. */
export function environmentOf(
  container: V1Container,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = (container.env ?? []).map(({ name, value }) => {
    const known = given[name] ?? value;
    if (known === undefined) throw new Error(`the test must say what ${name} is`);
    return [name, known] as const;
  });
  return Object.fromEntries(entries);
}
