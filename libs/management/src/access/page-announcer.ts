/**
 * Tells where the page is when nobody was told a token: one line in the log, once the application listens.
 */
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { RESOLVED_MANAGEMENT, type ResolvedManagement } from '../management-options.js';

/** What is used of an HTTP or HTTPS server. */
interface Server {
  address(): AddressInfo | string | null;
  /** HTTPS servers have it. */
  readonly setSecureContext?: unknown;
}

@Injectable()
export class PageAnnouncer {
  private readonly logger = new Logger('ClusterManagement');

  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(RESOLVED_MANAGEMENT) private readonly management: ResolvedManagement,
  ) {
    if (management.isDrawn) host.listen$.subscribe(() => this.announce(host));
  }

  private announce({ httpAdapter }: HttpAdapterHost): void {
    const server: Server = httpAdapter.getHttpServer();
    const address = server.address();
    if (typeof address !== 'object' || address === null) return;
    const scheme = server.setSecureContext === undefined ? 'http' : 'https';
    const segments = [this.application.getGlobalPrefix(), this.management.path, 'ui'];
    const path = segments
      .map((segment) => segment.replace(/^\/+|\/+$/g, ''))
      .filter(Boolean)
      .join('/');
    const page = `${scheme}://${hostOf(address)}:${address.port}/${path}`;
    this.logger.log(`no token is set, so one was drawn: ${page}?token=${this.management.token?.reveal()}`);
  }
}

/** All addresses are reached by this one from here. */
function hostOf({ address, family }: AddressInfo): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
