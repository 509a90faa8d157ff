import type { FetchFailure, FetchFailureClass } from '../git/port';

export function appFailure(failureClass: FetchFailureClass, message: string, remedy: string): FetchFailure {
  return { kind: 'failed', class: failureClass, message, remedy };
}

/** What an answer other than a token means. @param text of the answer; GitHub's own words tell a limit from a refusal */
export function answerFailure(status: number, host: string, installationId: string, text: string): FetchFailure {
  if (status === 401) {
    const remedy =
      'check appId and privateKey, whether the key was deleted in the settings of the App, and the clock of the hub';
    return appFailure('unauthorized', `${host} does not know the GitHub App (401)`, remedy);
  }
  if (status === 404) {
    const message = `${host} has no installation ${installationId} of this GitHub App (404)`;
    return appFailure('unauthorized', message, 'check installationId, and that the App is still installed there');
  }
  if (status === 422) {
    const message = `the GitHub App may not read contents (422)`;
    return appFailure(
      'unauthorized',
      message,
      'give the App the repository permission "Contents: read", and accept it',
    );
  }
  const isLimit = status === 429 || (status === 403 && /rate limit|abuse/i.test(text));
  if (isLimit || status >= 500) {
    return appFailure(
      'unreachable',
      `${host} answered ${status}`,
      'it is tried again; see the status page of the host',
    );
  }
  if (status === 403) {
    const remedy = 'see whether the installation is suspended, and whether it allows the address of the hub';
    return appFailure('unauthorized', `${host} refused the GitHub App (403)`, remedy);
  }
  return appFailure(
    'invalid',
    `${host} answered ${status} to a request for a token`,
    'correct apiUrl of the credentials',
  );
}
