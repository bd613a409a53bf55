const shared = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  moduleNameMapper: {
    '^@nest-cluster/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1', '$1.js'],
    '^(\\.{1,2}/.*)\\.cjs$': ['$1.cjs', '$1.cts'],
  },
  transform: { '\\.(ts|cts|mjs|js)$': '<rootDir>/test/support/transform.cjs' },
  transformIgnorePatterns: [],
};

const room = (name, settings = {}) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.spec.ts`],
  ...settings,
});

// Whatever runs in real time needs its time on a busy machine. Tests wait for conditions, and say which one did not come; Jest's
// own 5 s are shorter than those waits, and would end them before they can.
const real = { setupFilesAfterEnv: ['<rootDir>/test/support/patient.cjs'] };

export default {
  projects: [
    room('unit', { ...real, testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts'] }),
    room('boundaries'),
    room('docs', real),
    room('simulation', real),
    room('integration', real),
    room('cluster', real),
    room('hosts', real),
    room('chaos', real),
    room('browser', real),
    room('package', real),
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: [
    'libs/*/src/**/*.ts',
    'apps/*/src/**/*.ts',
    '!**/*.spec.ts',
    '!**/index.ts',
    '!apps/*/src/main.ts',
  ],
};
