/** One file a behaviour; `test/harness` starts what a test asks for. */
const esmOnly = [
  '@nestjs',
  '@kubernetes',
  'jose',
  'openid-client',
  'oauth4webapi',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'js-yaml',
  'socks-proxy-agent',
  'agent-base',
  'uid',
  'p-limit',
  'yocto-queue',
  'uuid',
  'openapi-fetch',
  'openapi-typescript-helpers',
  'typeorm',
  '@swc/helpers',
].join('|');

const shared = {
  testEnvironment: 'node',
  rootDir: __dirname,
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  transform: { '^.+\\.(t|j|mj)s$': ['@swc/jest'] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1',
    '^#src/(.*)$': '<rootDir>/src/$1',
    '^#migrations/(.*)$': '<rootDir>/migrations/$1',
    '^#test/(.*)$': '<rootDir>/test/$1',
  },
};

module.exports = {
  maxWorkers: 2,
  testTimeout: 10_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots: ['<rootDir>/libs', '<rootDir>/migrations', '<rootDir>/scripts', '<rootDir>/src', '<rootDir>/test'],
      testMatch: ['**/*.test.ts', '<rootDir>/scripts/**/*.test.js'],
      testPathIgnorePatterns: ['/node_modules/', '\\.integration\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'integration',
      roots: ['<rootDir>/src', '<rootDir>/test'],
      testMatch: ['**/*.integration.test.ts'],
      globalSetup: '<rootDir>/test/harness/global-setup.ts',
      globalTeardown: '<rootDir>/test/harness/global-teardown.ts',
      setupFilesAfterEnv: ['<rootDir>/test/harness/jest-setup.ts'],
    },
  ],
};
