import { hunt } from './hunt.js';
import { STORE_MUTANTS } from './mutants/store.js';

hunt('store', STORE_MUTANTS);
