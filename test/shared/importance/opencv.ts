import { createRequire } from 'node:module';

/** The few parts of OpenCV's WebAssembly build that the tests hold the metrics against. */
export interface OpenCv {
  readonly CV_8UC1: number;
  readonly CV_8UC3: number;
  readonly CV_32F: number;
  readonly COLOR_RGB2GRAY: number;
  readonly BORDER_REPLICATE: number;
  matFromArray(rows: number, columns: number, type: number, array: ArrayLike<number>): Mat;
  readonly Mat: new () => Mat;
  cvtColor(source: Mat, destination: Mat, code: number): void;
  Sobel(
    s: Mat,
    d: Mat,
    depth: number,
    dx: number,
    dy: number,
    size: number,
    scale: number,
    delta: number,
    border: number,
  ): void;
  cornerHarris(s: Mat, d: Mat, blockSize: number, size: number, k: number, border: number): void;
  eigen(source: Mat, eigenvalues: Mat, eigenvectors: Mat): boolean;
}

export interface Mat {
  readonly data: Uint8Array;
  readonly data32F: Float32Array;
  delete(): void;
}

/** Its CommonJS file fills its exports when the WebAssembly has started. */
export async function openCv(): Promise<OpenCv> {
  const module: OpenCv & { onRuntimeInitialized?: () => void; then?: unknown } = createRequire(import.meta.url)(
    '@techstark/opencv-js',
  );
  if (!module.Mat) await new Promise<void>((resolve) => (module.onRuntimeInitialized = resolve));
  // It resolves with itself, which a promise would follow for ever.
  delete module.then;
  return module;
}
