/**
 * S4: what a confirmed delete had seen does not come back.
 */
import type { Checker } from '../history/history.js';
import { finalFindings } from './final.js';

export const s4: Checker = (history) =>
  finalFindings(history)
    .filter(({ fault }) => fault === 'revived')
    .map(({ what }) => ({ rule: 'S4', what }));
