import { hunt } from './hunt.js';
import { LEADERSHIP_MUTANTS } from './mutants/leadership.js';
import { MEMBERSHIP_MUTANTS } from './mutants/membership.js';

hunt('leadership', LEADERSHIP_MUTANTS);
hunt('membership', MEMBERSHIP_MUTANTS);
