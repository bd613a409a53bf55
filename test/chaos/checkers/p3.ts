/**
 * P3: automatic recovery merges. Nothing that a node took is missing for as long as its process lives, but what was replaced or
 * deleted.
 */
import type { Checker } from '../history/history.js';
import { finalFindings } from './final.js';

export const p3: Checker = (history) =>
  finalFindings(history)
    .filter(({ fault, owed }) => (fault === 'lost' || fault === 'overtaken') && owed?.ack === 'local')
    .map(({ what }) => ({ rule: 'P3', what }));
