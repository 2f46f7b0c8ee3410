import { BarController, BarElement, CategoryScale, Chart, LinearScale, type Plugin } from 'chart.js';
import type { LayerBar } from './layer-bars.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale);

export interface BarChartOptions {
  /** Top of the scale; 0: as high as the highest value. */
  readonly max: number;
  readonly formatTick: (value: number) => string;
  readonly onPoint: (layer: string | null) => void;
  readonly onPick: (layer: string) => void;
}

const TICK_REM = 0.6875;

interface Colours {
  readonly bar: string;
  readonly dim: string;
  readonly line: string;
  readonly outline: string;
  readonly text: string;
  readonly accentWeak: string;
}

/**
 * One bar a layer: its height the ideal cost, a tick across it the lock-step cost, an outline the cost at uniform 8 bits.
 * Colours follow the page's tokens.
 */
export class LayerBarChart {
  readonly #chart: Chart<'bar'>;
  #bars: readonly LayerBar[] = [];
  #selected: string | null = null;

  constructor(canvas: HTMLCanvasElement, options: BarChartOptions) {
    const nameAt = (index: number | undefined) => (index === undefined ? null : (this.#bars[index]?.name ?? null));
    const colours = () => coloursOf(canvas);
    this.#chart = new Chart(canvas, {
      type: 'bar',
      data: { labels: [], datasets: [{ data: [], categoryPercentage: 1, barPercentage: 0.72 }] },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        interaction: { mode: 'index', axis: 'x', intersect: false },
        onHover: (_event, elements) => options.onPoint(nameAt(elements[0]?.index)),
        onClick: (_event, elements) => {
          const name = nameAt(elements[0]?.index);
          if (name !== null) options.onPick(name);
        },
        datasets: { bar: { backgroundColor: () => colours().bar } },
        scales: {
          x: { display: false },
          y: {
            beginAtZero: true,
            ...(options.max > 0 ? { max: options.max } : {}),
            border: { display: false },
            grid: { color: () => colours().line, tickLength: 0 },
            ticks: {
              color: () => colours().dim,
              font: () => ({ family: getComputedStyle(canvas).fontFamily, size: TICK_REM * rootPixels() }),
              maxTicksLimit: 5,
              padding: 6,
              callback: (value) => options.formatTick(Number(value)),
            },
          },
        },
      },
      plugins: [this.#marks(colours)],
    });
  }

  show(bars: readonly LayerBar[], selected: string | null): void {
    this.#bars = bars;
    this.#selected = selected;
    this.#chart.data.labels = bars.map(({ name }) => name);
    const [dataset] = this.#chart.data.datasets;
    if (dataset) dataset.data = bars.map(({ ideal }) => ideal);
    const scale = this.#chart.options.scales?.['y'];
    if (scale) scale.suggestedMax = Math.max(0, ...bars.flatMap(({ lockstep, uniform8 }) => [lockstep, uniform8]));
    this.#chart.update('none');
  }

  /** The page's colours have changed. */
  redraw(): void {
    this.#chart.update('none');
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #marks(colours: () => Colours): Plugin<'bar'> {
    return {
      id: 'marks',
      beforeDatasetsDraw: (chart) => {
        const index = this.#bars.findIndex(({ name }) => name === this.#selected);
        const step = chart.chartArea.width / this.#bars.length;
        if (index < 0) return;
        chart.ctx.fillStyle = colours().accentWeak;
        chart.ctx.fillRect(chart.chartArea.left + index * step, chart.chartArea.top, step, chart.chartArea.height);
      },
      afterDatasetsDraw: (chart) => {
        const { ctx } = chart;
        const y = chart.scales['y'];
        if (!y) return;
        const { text, outline } = colours();
        for (const [index, element] of chart.getDatasetMeta(0).data.entries()) {
          const bar = this.#bars[index];
          if (!bar || !(element instanceof BarElement)) continue;
          const { x, width } = element.getProps(['x', 'width'], true);
          if (x === null || width === null) continue;
          const left = Math.round(x - width / 2);
          const base = y.getPixelForValue(0);
          const top = Math.round(y.getPixelForValue(bar.uniform8)) + 0.5;
          ctx.strokeStyle = outline;
          ctx.strokeRect(left - 0.5, top, Math.round(width) + 1, base - top);
          ctx.fillStyle = text;
          ctx.fillRect(left - 2, Math.round(y.getPixelForValue(bar.lockstep)) - 1, Math.round(width) + 4, 2);
        }
      },
    };
  }
}

function rootPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name);
  return {
    bar: token('--bar'),
    dim: token('--dim'),
    line: token('--line'),
    outline: token('--line-strong'),
    text: token('--text'),
    accentWeak: token('--accent-weak'),
  };
}
