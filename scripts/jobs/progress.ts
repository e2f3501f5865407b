// Shows the progress of a study: each job in turn, or several jobs in one line.
import { duration, type Progress, type Sink, startProgress } from "../_progress.ts";

/** The progress display of a study. */
export interface JobsProgress {
  /** Starts a job; `place` counts from 0. */
  begin(place: number, name: string): Progress;
  /** Starts a further page of the same job's file. */
  again(name: string): Progress;
  /** Ends a job: `text` describes it; undefined if the job will be started again. */
  end(name: string, text?: string): void;
  /** Prints a permanent line. */
  note(text: string): void;
  /** Shows additional information, such as the number of workers. */
  aside(text: string): void;
}

/** The contents of the display. */
export interface JobsProgressOptions {
  /** Whether several jobs run at once. */
  readonly atOnce: boolean;
  /** The number of jobs; undefined if it is not known. */
  readonly total: number | undefined;
  /** The number of jobs that were done before. */
  readonly done: number;
  /** Whether to show nothing. */
  readonly quiet: boolean;
}

/**
 * Makes the progress display of a study.
 *
 * @param shown The contents.
 * @param sink The output.
 * @default {standard error}
 * @param now The clock, in milliseconds.
 * @returns The display.
 */
export function startJobsProgress(
  { atOnce, total, done, quiet }: JobsProgressOptions,
  sink?: Sink,
  now: () => number = () => performance.now(),
): JobsProgress {
  const start = () => startProgress(quiet, sink, now);
  const left = timeLeft((total ?? Infinity) - done, now);
  return atOnce || total === undefined
    ? severalAtOnce(total, done, start, left)
    : inTurn(total, start, left);
}

/** Estimates the time left of a study. */
interface TimeLeft {
  /** Sets the fraction of a job that is done. */
  reached(name: string, part: number): void;
  /** Marks a job as ended; `isOver` is false if it will be started again. */
  ended(name: string, isOver: boolean): void;
  /** The time as text; undefined as long as there is no estimate. */
  shown(): string | undefined;
}

/** Below this number of jobs the measured speed depends too much on their set-up. */
const LEAST_WORK = 0.5;

/** Extrapolates from the work done since the start; all jobs count equally. */
function timeLeft(jobs: number, now: () => number): TimeLeft {
  const begun = now(), parts = new Map<string, number>();
  let over = 0;
  return {
    reached: (name, part) => void parts.set(name, part),
    ended(name, isOver) {
      parts.delete(name);
      if (isOver) over++;
    },
    shown() {
      const work = over + parts.values().reduce((sum, part) => sum + part, 0);
      if (work < LEAST_WORK || work >= jobs || jobs === Infinity) return undefined;
      return duration((now() - begun) / 1000 / work * (jobs - work));
    },
  };
}

function inTurn(total: number, start: () => Progress, left: TimeLeft): JobsProgress {
  let progress = start();
  return {
    begin(place, name) {
      progress = start();
      const time = left.shown();
      progress.note(`${place + 1} of ${total}: ${name}${time ? ` (${time} left)` : ""}`);
      return progress;
    },
    again: () => progress = start(),
    end(name, text) {
      progress.end();
      left.ended(name, text !== undefined);
    },
    note: (text) => progress.note(text),
    aside: () => {},
  };
}

function severalAtOnce(
  total: number | undefined,
  done: number,
  start: () => Progress,
  left: TimeLeft,
): JobsProgress {
  const count = () => `${done}${total === undefined ? "" : ` of ${total}`} done`;
  const running = new Map<string, string>();
  let besides = "";
  // Without steps of its own it is one live line on a terminal, and nothing elsewhere.
  let line = start();
  const timeShown = (before: string) => {
    const time = left.shown();
    return time ? [`${before}${time} left`] : [];
  };
  const draw = () => {
    const parts = [count(), ...timeShown(""), ...besides ? [besides] : []];
    line.stage([...parts, ...running.values()].join("  "));
  };
  const note = (text: string) => {
    line.note(text);
    draw();
  };
  const one = (name: string): Progress => {
    const show = (text: string) => {
      running.set(name, `${name} ${text}`);
      draw();
    };
    return {
      stage: show,
      step({ iteration }, total) {
        // A run may consist of an initial estimate only.
        left.reached(name, total > 0 ? iteration / total : 0);
        show(`${iteration}/${total}`);
      },
      note: (text) => note(`${name}: ${text}`),
      end: () => {},
    };
  };
  return {
    begin: (_, name) => one(name),
    again: one,
    end(name, text) {
      running.delete(name);
      left.ended(name, text !== undefined);
      // Erase the live line, because an error may be printed next.
      line.end();
      line = start();
      if (!text) return;
      done++;
      line.note(`${count()}: ${name}, ${text}${timeShown(", ").join("")}`);
    },
    note,
    aside(text) {
      besides = text;
      draw();
    },
  };
}
