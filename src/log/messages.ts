import { InvalidMessage, type LogMessage, MAX_MESSAGE_BYTES, MAX_SEND_MESSAGES } from './port';

/** What a message may cost beside its own bytes in Kafka's record format, rounded up. */
const RECORD_OVERHEAD_BYTES = 100;

/** NUL, which PostgreSQL cannot keep in a text, and half a surrogate pair, which is not UTF-8. */
const UNSTORABLE_TEXT = /[\0\ud800-\udfff]/u;

export function messageSizeBytes({ key, value, headers }: LogMessage): number {
  let sizeBytes = Buffer.byteLength(key) + value.length;
  for (const [name, text] of Object.entries(headers ?? {}))
    sizeBytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return sizeBytes;
}

/** Throws `InvalidMessage` for the first message that no implementation could store. */
export function checkMessages(topic: string, messages: readonly LogMessage[]): void {
  if (messages.length > MAX_SEND_MESSAGES) {
    throw new InvalidMessage(
      `a send to topic "${topic}" has ${messages.length} messages, the limit is ${MAX_SEND_MESSAGES}: send them in parts`,
    );
  }
  messages.forEach((message, index) => {
    const where = `message ${index} of a send to topic "${topic}"`;
    const sizeBytes = messageSizeBytes(message);
    if (sizeBytes > MAX_MESSAGE_BYTES) {
      throw new InvalidMessage(`${where} has ${sizeBytes} bytes, the limit is ${MAX_MESSAGE_BYTES}: split it`);
    }
    const texts = [message.key, ...Object.entries(message.headers ?? {}).flat()];
    if (texts.some((text) => UNSTORABLE_TEXT.test(text))) {
      throw new InvalidMessage(
        `${where} has a NUL or half a surrogate pair in its key or headers: encode them as base64`,
      );
    }
  });
}

/** Runs of messages, in order, none above the size of the largest single message and `maxMessages`. */
export function chunkMessages(messages: readonly LogMessage[], maxMessages = MAX_SEND_MESSAGES): LogMessage[][] {
  const chunks: LogMessage[][] = [];
  let chunk: LogMessage[] = [];
  let chunkBytes = 0;
  for (const message of messages) {
    const sizeBytes = messageSizeBytes(message) + RECORD_OVERHEAD_BYTES;
    if (chunk.length > 0 && (chunkBytes + sizeBytes > MAX_MESSAGE_BYTES || chunk.length >= maxMessages)) {
      chunks.push(chunk);
      chunk = [];
      chunkBytes = 0;
    }
    chunk.push(message);
    chunkBytes += sizeBytes;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
