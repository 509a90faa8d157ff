/** Real servers take their time, above all the first time on a machine. */
jest.setTimeout(120_000);
