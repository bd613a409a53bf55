/**
 * One readable line per event: time, what happened. Nest's own start-up lines are left out unless something is wrong.
 */
import { ConsoleLogger, type LogLevel } from '@nestjs/common';

export class DemoLogger extends ConsoleLogger {
  constructor() {
    super({ colors: false });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && /^(Cluster|Demo)/.test(context)) super.log(message, ...rest);
  }

  protected override formatMessage(level: LogLevel, message: unknown): string {
    const time = new Date().toISOString().slice(11, 23);
    return `${time} ${level === 'log' ? '' : `${level.toUpperCase()} `}${String(message)}\n`;
  }
}
