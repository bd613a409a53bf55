import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { DemoLogger } from './demo-logger.js';

const port = Number(process.env['PORT'] ?? 3000);
const app = await NestFactory.create(AppModule, { logger: new DemoLogger(), abortOnError: false }).catch(
  giveUp,
);
app.enableShutdownHooks();
// GET /openapi.json describes the management calls.
const description = new DocumentBuilder().setTitle('nest-cluster demo').addBearerAuth().build();
SwaggerModule.setup('openapi', app, () => SwaggerModule.createDocument(app, description), {
  ui: false,
  raw: ['json'],
  jsonDocumentUrl: 'openapi.json',
});
// Started by another process: when that one ends without a word, so does this one.
process.once('disconnect', () => void app.close().finally(() => process.exit(0)));
try {
  await app.listen(port);
} catch (error) {
  await app.close();
  giveUp(error);
}
process.send?.({ port: Number(new URL(await app.getUrl()).port) });

function giveUp(error: unknown): never {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(taken ? `Port ${port} is in use: choose another with PORT.` : message(error));
  process.exit(1);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
