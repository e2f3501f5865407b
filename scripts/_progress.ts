// Shows the progress of a run: one live line on a terminal, otherwise a plain line now and then.

/** The numbers of one iteration; 0 is the initial estimate. */
export interface ProgressStep {
  readonly iteration: number;
  readonly loss: number;
  /** PSNR of the averaged outputs, in dB; with a reference. */
  readonly averagePsnr?: number | undefined;
}

/** The output of progress; tests replace it. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Columns of the terminal. */
  columns(): number;
  write(text: string): void;
}

/** A progress display. */
export interface Progress {
  /** Shows what is done before the first iteration. */
  stage(text: string): void;
  /** Shows an iteration, if the display is due. */
  step(step: ProgressStep, total: number): void;
  /** Prints a permanent line. */
  note(text: string): void;
  /** Ends the live line: the last iteration stays, a stage is erased. Nothing is shown afterwards. */
  end(): void;
}

/** Milliseconds between live lines. */
const LIVE_MILLISECONDS = 200;

/** Plain lines are printed for the first iteration and every tenth of the run, and at least at this interval. */
const TENTHS = 10, PLAIN_MILLISECONDS = 30_000;

/**
 * Starts showing progress.
 *
 * @param quiet Whether to show nothing.
 * @param sink The output.
 * @default {standard error}
 * @param now The clock, in milliseconds.
 * @returns The display.
 */
export function startProgress(
  quiet: boolean,
  sink: Sink = standardError(),
  now: () => number = () => performance.now(),
): Progress {
  const nothing = () => {};
  if (quiet) return { stage: nothing, step: nothing, note: nothing, end: nothing };
  return sink.isTerminal ? live(sink, now) : plain(sink, now);
}

function live(sink: Sink, now: () => number): Progress {
  const remaining = timeLeft(now);
  let drawn = 0, due = -Infinity, stepped = false, ended = false;
  let latest: string | undefined;
  const draw = (text: string) => {
    // Leave the last column free, because some terminals wrap when it is filled.
    const line = text.slice(0, Math.max(sink.columns() - 1, 1));
    sink.write(`\r${line.padEnd(drawn)}`);
    drawn = line.length;
  };
  const newLine = () => {
    if (drawn > 0) sink.write("\n");
    drawn = 0;
  };
  return {
    stage: draw,
    step(step, total) {
      if (ended) return;
      stepped = true;
      latest = describe(step, total, remaining(step.iteration, total));
      if (now() < due) return;
      due = now() + LIVE_MILLISECONDS;
      draw(latest);
      latest = undefined;
    },
    note(text) {
      // A terminal echoes Ctrl-C as two characters.
      drawn += 2;
      draw(text);
      newLine();
    },
    end() {
      if (ended) return;
      ended = true;
      if (latest !== undefined) draw(latest);
      if (stepped) return newLine();
      draw("");
      sink.write("\r");
    },
  };
}

function plain(sink: Sink, now: () => number): Progress {
  const remaining = timeLeft(now);
  // Show the first iteration too, because it means that training has begun.
  let tenths = -1, due = -Infinity, ended = false;
  const print = (text: string) => sink.write(`${text}\n`);
  return {
    stage() {},
    step(step, total) {
      const left = remaining(step.iteration, total);
      const reached = Math.floor(step.iteration / total * TENTHS);
      if (ended || (reached === tenths && now() < due)) return;
      tenths = reached;
      due = now() + PLAIN_MILLISECONDS;
      print(describe(step, total, left));
    },
    note: print,
    end() {
      ended = true;
    },
  };
}

/** Estimates the milliseconds left from the iterations so far, without the first, which is slower. */
function timeLeft(now: () => number) {
  let first: { at: number; iteration: number } | undefined;
  return (iteration: number, total: number): number | undefined => {
    if (iteration === 0) return undefined;
    first ??= { at: now(), iteration };
    if (iteration === first.iteration) return undefined;
    return (now() - first.at) / (iteration - first.iteration) * (total - iteration);
  };
}

function describe(
  { iteration, loss, averagePsnr }: ProgressStep,
  total: number,
  left: number | undefined,
): string {
  if (iteration === 0) {
    const quality = averagePsnr === undefined ? "" : `  PSNR ${averagePsnr.toFixed(2)} dB`;
    return `initial estimate${quality}`;
  }
  const parts = [`${String(iteration).padStart(String(total).length)}/${total}`];
  parts.push(`loss ${loss.toPrecision(4)}`);
  if (averagePsnr !== undefined) parts.push(`PSNR ${averagePsnr.toFixed(2)} dB`);
  if (left !== undefined) parts.push(`${duration(left / 1000)} left`);
  return parts.join("  ");
}

/**
 * Formats a time: `0:07`, `12:30`, `1:02:03`.
 *
 * @param seconds The time; rounded to whole seconds.
 * @returns The text.
 */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const digits = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const minutes = whole / 60, hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${hours}:${digits(minutes % 60)}:${digits(whole % 60)}`
    : `${Math.floor(minutes)}:${digits(whole % 60)}`;
}

function standardError(): Sink {
  const encoder = new TextEncoder();
  return {
    isTerminal: Deno.stderr.isTerminal(),
    columns() {
      try {
        return Deno.consoleSize().columns || 80;
      } catch {
        return 80;
      }
    },
    write(text) {
      try {
        Deno.stderr.writeSync(encoder.encode(text));
      } catch {
        // The reader has closed the pipe; the run continues.
      }
    },
  };
}
