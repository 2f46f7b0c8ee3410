/** Paths the shell was asked to open, kept until a page listens. */
export interface OpenQueue {
  open(paths: readonly string[]): void;
  /** The page listens from now on; gives what was kept. */
  pageReady(): readonly string[];
  pageGone(): void;
}

/** @param deliver receives paths while a page listens */
export function openQueue(deliver: (paths: readonly string[]) => void): OpenQueue {
  let kept: string[] = [];
  let listening = false;
  return {
    open(paths) {
      if (paths.length === 0) return;
      if (listening) deliver(paths);
      else kept.push(...paths);
    },
    pageReady() {
      listening = true;
      const paths = kept;
      kept = [];
      return paths;
    },
    pageGone() {
      listening = false;
    },
  };
}
