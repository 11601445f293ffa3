import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';

/** Prints the sum of all tests as one plain line, for programs that read the output. */
export default class ClosingLine implements Reporter {
  #suite: Suite | undefined;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
  }

  onEnd(result: FullResult): void {
    const outcomes = (this.#suite?.allTests() ?? []).map((test) => test.outcome());
    const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
    // A run may also fail as a whole: a file that does not load, an interruption, no test at all.
    const failed = Math.max(count('unexpected') + count('flaky'), result.status === 'passed' ? 0 : 1);
    process.stdout.write(`end-to-end: ${count('expected')} passed, ${failed} failed, ${count('skipped')} skipped\n`);
  }

  printsToStdio(): boolean {
    // Else Playwright adds a reporter of its own.
    return true;
  }
}
