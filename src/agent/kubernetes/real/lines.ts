import { StringDecoder } from 'node:string_decoder';
import { KubernetesError } from '../port';

/** Lines as they come in; throws `tooLarge` for one without an end. */
export async function eachLine(
  body: AsyncIterable<Buffer>,
  maxSizeBytes: number,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.write(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxSizeBytes) {
      throw new KubernetesError('tooLarge', `a line of the answer is longer than ${maxSizeBytes} bytes`);
    }
    for (const line of lines) if (line !== '') onLine(line);
  }
  if (rest.trim() !== '') onLine(rest);
}
