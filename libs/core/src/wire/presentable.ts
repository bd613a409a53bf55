/**
 * Text that came from elsewhere, fit for a log line and for a field of the wire.
 */

/** What terminals and log readers take for a command or a new line. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\ufffd]+/gu;

export function isPresentable(text: string): boolean {
  return !CONTROL.test(text);
}

/** The text on one line, cut to at most `bytesMax` bytes of UTF-8, and never empty. */
export function presentable(text: string, bytesMax: number): string {
  const line = text.slice(0, bytesMax).replace(CONTROLS, ' ').trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= bytesMax) return line || '-';
  // A character cut in two decodes to U+FFFD, which is dropped.
  return bytes.subarray(0, bytesMax).toString().replace(CONTROLS, '').trim() || '-';
}
