export { Leadership, type LeadershipConfig } from './leadership.js';
export { majority } from './electorate.js';
