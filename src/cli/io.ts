/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns?: number;
}

/** Where text comes from. */
export interface Input {
  readonly isTTY: boolean;
  /** All of it, as UTF-8. Throws a CliError when it is larger. */
  text(maxSizeBytes: number): Promise<string>;
  /** One line that a person types; `hidden`: without showing it. */
  ask(question: string, hidden?: boolean): Promise<string>;
}

/** The world as the command line sees it; tests give their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The home directory of the user. */
  readonly home: string;
  fetch(request: Request): Promise<Response>;
  now(): Date;
  /** Resolves after the time, or as soon as `interrupted()` is aborted; it never rejects. */
  sleep(ms: number): Promise<void>;
  /** Aborted by SIGINT and SIGTERM. Only once this has been asked for are the two caught; else they end the process. */
  interrupted(): AbortSignal;
}
