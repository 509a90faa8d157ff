import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const javaRemedy = 'install a JDK, 17 or newer (Debian: apt-get install default-jdk-headless)';

export function java(): string {
  const home = process.env['JAVA_HOME'];
  const inHome = home === undefined ? undefined : path.join(home, 'bin', 'java');
  return inHome !== undefined && existsSync(inHome) ? inHome : 'java';
}

export const archiveName = 'kafka.jsa';

/**
 * For a process whose working folder is the part: the class archive is only taken when the class path is word for word
 * the one that it was made with, so it is relative and sorted.
 */
export function brokerArgs(partFolder: string, archive: string, properties: string): string[] {
  const jars = readdirSync(path.join(partFolder, 'libs'))
    .filter((name) => name.endsWith('.jar'))
    .sort();
  const classPath = jars.map((name) => `libs/${name}`).join(':');
  const small = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];
  return [...small, archive, '-cp', classPath, 'kafka.Kafka', properties];
}
