/**
 * Makes text that came from elsewhere fit for a log line and for a field of the wire.
 */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]+/g;

/** The text on one line, cut to at most `bytesMax` bytes of UTF-8, and never empty. */
export function presentable(text: string, bytesMax: number): string {
  const line = text.slice(0, bytesMax).replace(CONTROL, ' ').trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= bytesMax) return line || '-';
  // A character cut in two decodes to U+FFFD, which is dropped.
  return bytes.subarray(0, bytesMax).toString().replace(CONTROL, '').trim() || '-';
}
