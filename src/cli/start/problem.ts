/** Why nothing could be started, with what to do about it. */
export class StartProblem extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}
