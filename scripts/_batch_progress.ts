// Shows how far a batch is: one picture after another as their own commands do, or several in a line.
import { type Progress, type Sink, startProgress } from "./_progress.ts";

/** Progress of a batch being shown. */
export interface BatchProgress {
  /** A picture begins; `place` counts from 0. */
  begin(place: number, name: string): Progress;
  /** A further page of the same picture begins. */
  again(name: string): Progress;
  /** A picture is done, or has failed if there is nothing to say of it. */
  end(name: string, text?: string): void;
  /** Says something that stays, on a line of its own. */
  note(text: string): void;
}

/**
 * Starts showing a batch's progress.
 *
 * @param jobs How many pictures are restored at once.
 * @param total How many pictures there are.
 * @param done How many of them an earlier run has made.
 * @param quiet Shows nothing at all.
 * @param sink Where to. @default {standard error}
 * @returns The progress.
 */
export const startBatchProgress = (
  jobs: number,
  total: number,
  done: number,
  quiet: boolean,
  sink?: Sink,
): BatchProgress => {
  const start = () => startProgress(quiet, sink);
  return jobs === 1 ? inTurn(total, start) : atOnce(total, done, start);
};

function inTurn(total: number, start: () => Progress): BatchProgress {
  let progress = start();
  return {
    begin(place, name) {
      progress = start();
      progress.note(`${place + 1} of ${total}: ${name}`);
      return progress;
    },
    again: () => progress = start(),
    end: () => progress.end(),
    note: (text) => progress.note(text),
  };
}

function atOnce(total: number, done: number, start: () => Progress): BatchProgress {
  const running = new Map<string, string>();
  // Without steps of its own it is one live line on a terminal and nothing elsewhere.
  let line = start();
  const draw = () => line.stage([`${done} of ${total} done`, ...running.values()].join("  "));
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
      step: ({ iteration }, total) => show(`${iteration}/${total}`),
      note: (text) => note(`${name}: ${text}`),
      end: () => {},
    };
  };
  return {
    begin: (_, name) => one(name),
    again: one,
    end(name, text) {
      running.delete(name);
      // The live line is wiped: the next one may be an error's, which is not written here.
      line.end();
      line = start();
      if (text === undefined) return;
      done++;
      line.note(`${done} of ${total} done: ${name}, ${text}`);
    },
    note,
  };
}
