/** The application of the README, under the names that examples of tests import it by. */
export { AppModule, Reports } from './readme-example.js';
