/**
 * The page as one document that loads nothing: markup, style, and the compiled scripts put into one. Its policy allows
 * exactly this style and this script, and talk with the node that served it.
 */
import { createHash } from 'node:crypto';
import type { HttpResponse } from '../http/http.js';
// oxlint-disable-next-line import/default -- what a CommonJS file exports is its default export
import clientFolder from './client-location.cjs';
import { joinModules } from './join-modules.js';
import { MARKUP } from './markup.js';
import { STYLE } from './style.js';

interface Page {
  readonly document: string;
  readonly policy: string;
}

let made: Page | undefined;

export function sendPage(response: HttpResponse, status: number): void {
  made ??= makePage();
  response.header('Content-Type', 'text/html; charset=utf-8');
  response.header('Content-Security-Policy', made.policy);
  response.header('Cache-Control', 'no-store');
  response.header('X-Content-Type-Options', 'nosniff');
  response.header('X-Frame-Options', 'DENY');
  response.header('Referrer-Policy', 'no-referrer');
  response.status(status).send(made.document);
}

function makePage(): Page {
  const script = joinModules(clientFolder(), 'main').replaceAll('</script', '<\\/script');
  const document = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cluster</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>${MARKUP}<script>${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(STYLE)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { document, policy };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
