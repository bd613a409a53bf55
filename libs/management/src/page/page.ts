import type { HttpResponse } from '../http/http.js';
export function sendPage(response: HttpResponse, status: number): void {
  response.header('Content-Type', 'text/html; charset=utf-8');
  response.status(status).send('<!doctype html><title>page</title>');
}
