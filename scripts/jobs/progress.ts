// Shows how far a study is: one job after another as their own commands do, or several in a line.
import { duration, type Progress, type Sink, startProgress } from "../_progress.ts";

/** Progress of a study being shown. */
export interface JobsProgress {
  /** A job begins; `place` counts from 0. */
  begin(place: number, name: string): Progress;
  /** A further page of the same job's file begins. */
  again(name: string): Progress;
  /** A job is done or has failed: `text` says what of it; nothing, if it will be begun again. */
  end(name: string, text?: string): void;
  /** Says something that stays, on a line of its own. */
  note(text: string): void;
  /** Says what goes on besides, such as how many workers there are. */
  aside(text: string): void;
}

/** What is shown of a study. */
export interface JobsProgressOptions {
  /** Whether several jobs run at once. */
  readonly atOnce: boolean;
  /** How many jobs there are; undefined if nobody knows. */
  readonly total: number | undefined;
  /** How many of them were done before. */
  readonly done: number;
  /** Shows nothing at all. */
  readonly quiet: boolean;
}

/**
 * Starts showing a study's progress.
 *
 * @param shown What of it.
 * @param sink Where to. @default {standard error}
 * @param now The clock, in milliseconds.
 * @returns The progress.
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

/** The time that the rest of a study takes. */
interface TimeLeft {
  /** How much of a job is done, from 0 to 1. */
  reached(name: string, part: number): void;
  /** A job has ended, or will be begun again. */
  ended(name: string, isOver: boolean): void;
  /** As a clock shows it; undefined as long as nothing can be said. */
  shown(): string | undefined;
}

/** Below this part of a job what is known of its speed is mostly its set-up. */
const LEAST_WORK = 0.5;

/** The rest takes as long as what has been done since the start took: all jobs count alike. */
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
  // Without steps of its own it is one live line on a terminal and nothing elsewhere.
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
        // A run may be an initial estimate alone.
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
      // The live line is wiped: the next one may be an error's, which is not written here.
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
