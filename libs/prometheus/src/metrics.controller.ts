/**
 * Serves one registry, for processes that hold several applications: the package's own controller serves the registry of
 * the whole process.
 */
import { Controller, Get, Res, type Type } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import type { Registry } from 'prom-client';

interface HeaderTarget {
  header(name: string, value: string): unknown;
}

/** For `PrometheusModule.register({ controller: metricsController(registry), … })`; a class of its own at each call. */
export function metricsController(registry: Registry): Type<PrometheusController> {
  @Controller()
  class RegistryController extends PrometheusController {
    @Get()
    override async index(@Res({ passthrough: true }) response: HeaderTarget): Promise<string> {
      response.header('Content-Type', registry.contentType);
      return registry.metrics();
    }
  }
  return RegistryController;
}
