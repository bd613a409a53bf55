/**
 * The health example of `docs/operations.md` compiles in an application that emits declarations, as generated ones do.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const EXAMPLE = join(__dirname, 'health-example.ts');

it('shows code that is compiled here', () => {
  const page = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${readFileSync(EXAMPLE, 'utf8')}\`\`\``);
});

it('names types in its declarations that the package exports', () => {
  const program = ts.createProgram([EXAMPLE], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    declaration: true,
    emitDeclarationOnly: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    // Packages that are linked here are installed in an application.
    preserveSymlinks: true,
  });
  const emitted = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (name, text) => emitted.set(name, text));
  const messages = [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
  expect(messages).toEqual([]);
  expect([...emitted.values()].join()).toContain('ClusterHealthResult<"cluster">');
});
