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

// Real processes, networks, browsers and package installs need their time on a busy machine.
const real = { setupFilesAfterEnv: ['<rootDir>/test/support/patient.cjs'] };

export default {
  projects: [
    room('unit', { testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts'] }),
    room('boundaries'),
    room('docs'),
    room('simulation', real),
    room('integration', real),
    room('cluster', real),
    room('hosts', real),
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
