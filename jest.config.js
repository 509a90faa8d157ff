/** One file a behaviour; `test/harness` starts what a test asks for. */
const esmOnly = [
  '@nestjs', '@kubernetes', 'jose', 'openid-client', 'oauth4webapi', 'file-type', 'strtok3', 'token-types',
  'uint8array-extras', '@tokenizer', '@borewit', 'js-yaml', 'uid', 'p-limit', 'yocto-queue', 'uuid', 'openapi-fetch',
  'openapi-typescript-helpers', 'typeorm', '@swc/helpers',
].join('|');

module.exports = {
  testEnvironment: 'node',
  rootDir: __dirname,
  roots: ['<rootDir>/src', '<rootDir>/libs', '<rootDir>/migrations', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  transform: { '^.+\\.(t|j|mj)s$': ['@swc/jest'] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly})/)`],
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1',
    '^#src/(.*)$': '<rootDir>/src/$1',
    '^#migrations/(.*)$': '<rootDir>/migrations/$1',
    '^#test/(.*)$': '<rootDir>/test/$1',
  },
  testTimeout: 30000,
};
