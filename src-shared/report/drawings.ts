import { cssColour, type Rgb } from '../colormap.ts';
import type { Rectangle } from '../image.ts';
import { percent } from '../number-text.ts';
import { MARK_PATHS, OPEN_MARKS, pointsOf, scaleOf } from '../outcomes/scatter-scale.ts';
import type { PlanRow } from '../outcomes/plan-rows.ts';
import { type ForestRow, interval, points } from '../runs/comparison-words.ts';
import type { Interval } from '../runs/statistics.ts';
import { html, type Html } from './html.ts';

// Charts as SVG that stands in a page: text stays text, and each says in words what it shows.

function drawing(
  width: number,
  height: number,
  alternative: string,
  content: readonly (Html | readonly Html[])[],
): Html {
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${alternative}"
  >
    ${content}
  </svg>`;
}

/** Tenths of a unit are as fine as anybody sees. */
const at = (value: number) => Number(value.toFixed(1));

interface Anchored {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly dim?: boolean;
  readonly bold?: boolean;
}

function text(
  x: number,
  y: number,
  words: string,
  { anchor = 'start', dim = false, bold = false }: Anchored = {},
): Html {
  return html`<text
    x="${at(x)}"
    y="${at(y)}"
    font-size="12"
    text-anchor="${anchor}"
    font-weight="${bold ? 600 : 400}"
    fill="${dim ? 'var(--dim)' : 'var(--text)'}"
    >${words}</text
  > `;
}

function line(x1: number, y1: number, x2: number, y2: number, stroke = 'var(--line)', width = 1): Html {
  return html`<path
    d="M${at(x1)} ${at(y1)}L${at(x2)} ${at(y2)}"
    stroke="${stroke}"
    stroke-width="${width}"
    fill="none"
  /> `;
}

function box(x: number, y: number, width: number, height: number, fill: string): Html {
  return html`<rect
    x="${at(x)}"
    y="${at(y)}"
    width="${at(Math.max(0, width))}"
    height="${at(height)}"
    fill="${fill}"
  /> `;
}

/** Of the scatter, pixels. */
const WIDTH = 624;
const HEIGHT = 342;

/** Accuracy against what is saved: plans, policies and controls, uniform widths joined by a line. */
export function scatterDrawing(rows: readonly PlanRow[], what: string, saved: string, spoken: PlanRow | null): Html {
  const all = pointsOf(rows);
  const scale = scaleOf(all, { width: WIDTH, height: HEIGHT });
  const path = (of: typeof all) =>
    of.map((one, index) => `${index ? 'L' : 'M'}${at(scale.x(one.saved))} ${at(scale.y(one.accuracy))}`).join('');
  const uniform = all.filter(({ row }) => row.role === 'uniform').sort((a, b) => a.saved - b.saved);
  const front = all.filter(({ row }) => row.front).sort((a, b) => a.saved - b.saved);
  const roles = [...new Set(all.map(({ row }) => row.role))];
  const alternative = `${what} against ${saved}, of ${all.length} plans and policies. ${all
    .slice(0, MOST_TOLD)
    .map(({ row, accuracy, saved: own }) => `${row.name}: ${percent(accuracy, 1)} at ${percent(own, 1)} saved`)
    .join('; ')}.`;
  const mark = (role: PlanRow['role'], filled = true): Html => {
    const shape = MARK_PATHS[role];
    if (shape && OPEN_MARKS.includes(role))
      return html`<path d="${shape}" fill="none" stroke="var(--text)" stroke-width="1.75" />`;
    if (shape) return html`<path d="${shape}" fill="var(--text)" stroke="#fff" />`;
    if (role === 'uniform') return html`<circle r="3.5" fill="var(--mark)" stroke="#fff" />`;
    return html`<circle r="4.5" fill="${filled ? 'var(--bar)' : '#fff'}" stroke="${filled ? '#fff' : 'var(--bar)'}" />`;
  };
  const lit = all.find(({ row }) => row === spoken);
  const right = lit !== undefined && scale.x(lit.saved) > WIDTH * 0.62;
  return drawing(WIDTH, HEIGHT + 20, alternative, [
    text(8, 14, `${what}, %; bars: 95 %, Wilson`, { dim: true }),
    scale.yTicks
      .map((tick) => [
        line(44, scale.y(tick), 608, scale.y(tick)),
        text(38, scale.y(tick) + 4, String(Math.round(tick * 100)), { anchor: 'end', dim: true }),
      ])
      .flat(),
    scale.xTicks.map((tick) =>
      text(scale.x(tick), HEIGHT - 22, String(Math.round(tick * 100)), { anchor: 'middle', dim: true }),
    ),
    text(608, HEIGHT - 6, `${saved}, %`, { anchor: 'end', dim: true }),
    html`<path d="${path(uniform)}" fill="none" stroke="var(--mark)" stroke-width="2" /> `,
    html`<path d="${path(front)}" fill="none" stroke="var(--bar)" stroke-dasharray="5 3" /> `,
    uniform.map(({ row, saved: own, accuracy }) =>
      text(scale.x(own), scale.y(accuracy) + 18, /\d+/.exec(row.name)?.[0] ?? '', { anchor: 'middle', dim: true }),
    ),
    all.map(
      ({ row, saved: own, accuracy }) =>
        html`${
            row.interval && row.role !== 'uniform'
              ? line(
                  scale.x(own),
                  scale.y(row.interval[0]),
                  scale.x(own),
                  scale.y(row.interval[1]),
                  'var(--dim)',
                  row === spoken ? 2.5 : 1,
                )
              : null
          }<g transform="translate(${at(scale.x(own))} ${at(scale.y(accuracy))})">${mark(row.role)}</g> `,
    ),
    lit
      ? [
          text(
            scale.x(lit.saved) + (right ? -12 : 12),
            Math.max(36, scale.y(lit.row.interval?.[1] ?? lit.accuracy) - 6),
            lit.row.name,
            { anchor: right ? 'end' : 'start', bold: true },
          ),
        ]
      : [],
    roles.map(
      (role, index) =>
        html`<g transform="translate(${44 + index * 72} ${HEIGHT + 10})"
          >${mark(role)}${text(10, 4, role, { dim: true })}</g
        > `,
    ),
  ]);
}

/** More would not be listened to; the table has all. */
const MOST_TOLD = 12;

/** One bar, or two: what is told apart by colour lies one below the other. */
export interface Bar {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly intervals?: readonly (Interval | null)[];
  /** Behind the bars: the figures in words. */
  readonly note: string;
}

const BAR_COLOURS = ['var(--bar)', 'var(--bar2)'] as const;
/** As many rows as stand on a page. */
const MOST_BARS = 36;

/**
 * Horizontal bars from zero on, in drawings that fit a page each.
 * @param names of the values of a bar, for the key
 * @param what they show, for those who cannot see them
 * @param reference a line across, and what it stands for
 */
export function barDrawings(
  bars: readonly Bar[],
  names: readonly string[],
  what: string,
  reference: { readonly value: number; readonly words: string } | null = null,
): Html[] {
  const all = bars.flatMap(({ values, intervals = [] }) => [
    ...values.filter((value) => value !== null),
    ...intervals.flatMap((one) => one ?? []),
  ]);
  const low = Math.min(0, ...all);
  const high = Math.max(1e-9, reference?.value ?? 0, ...all);
  const [left, right] = [170, 470];
  const x = (value: number) => left + ((value - low) / (high - low)) * (right - left);
  const parts = Array.from({ length: Math.ceil(bars.length / MOST_BARS) }, (_, part) =>
    bars.slice(part * MOST_BARS, (part + 1) * MOST_BARS),
  );
  return parts.map((own, part) => {
    const step = names.length > 1 ? 24 : 19;
    const top = 26;
    const bottom = top + own.length * step;
    const told = own.slice(0, MOST_TOLD).map(({ label, note }) => `${label}: ${note}`);
    return drawing(
      WIDTH,
      bottom + 8,
      `${what}${parts.length > 1 ? `, part ${part + 1} of ${parts.length}` : ''}. ${told.join('; ')}${own.length > MOST_TOLD ? '; the table has all' : ''}.`,
      [
        names.map(
          (name, index) =>
            html`${box(left + index * 140, 5, 10, 10, BAR_COLOURS[index] ?? 'var(--mark)')}${text(left + 15 + index * 140, 14, name, { dim: true })}`,
        ),
        reference
          ? [
              html`<path
                d="M${at(x(reference.value))} ${top - 4}V${bottom}"
                stroke="var(--mark)"
                stroke-dasharray="3 3"
              /> `,
              text(x(reference.value) + 4, 14, reference.words, { dim: true }),
            ]
          : [],
        own.map(({ label, values, intervals = [], note }, row) => {
          const y = top + row * step;
          const height = names.length > 1 ? 8 : 11;
          return html`${text(left - 8, y + step / 2 + 2, shortened(label, 26), { anchor: 'end' })}${values.map(
            (value, index) => {
              if (value === null) return null;
              const own = intervals[index];
              const own_y = y + 2 + index * height;
              return html`${box(Math.min(x(0), x(value)), own_y, Math.abs(x(value) - x(0)), height - 1, BAR_COLOURS[index] ?? 'var(--mark)')}${
                own ? line(x(own[0]), own_y + height / 2, x(own[1]), own_y + height / 2, 'var(--text)', 1.5) : null
              }`;
            },
          )}${text(right + 10, y + step / 2 + 2, note, { dim: true })}`;
        }),
        line(x(0), top - 4, x(0), bottom, 'var(--mark)'),
      ],
    );
  });
}

function shortened(label: string, most: number): string {
  return label.length > most ? `…${label.slice(label.length - most + 1)}` : label;
}

/** Differences with their intervals about zero. */
export function forestDrawing(rows: readonly ForestRow[], what: string): Html {
  const ends = rows.flatMap(({ difference, interval: of }) => [difference, ...(of ?? [])].map(Math.abs));
  const most = Math.max(1, Math.ceil(100 * Math.max(0, ...ends)));
  const [left, right, step, top] = [140, 356, 30, 8];
  const x = (share: number) => (left + right) / 2 + ((share * 100) / most) * ((right - left) / 2);
  const bottom = top + rows.length * step;
  const told = rows.map(
    (row) => `${row.label}: ${points(row.difference)}${row.interval ? `, ${interval(row.interval)}` : ''}`,
  );
  return drawing(WIDTH, bottom + 22, `${what}, in points with 95 % intervals. ${told.join('; ')}.`, [
    line(x(0), top, x(0), bottom, 'var(--mark)'),
    rows.map((row, index) => {
      const y = top + index * step + step / 2;
      const colour = row.clear ? 'var(--bar)' : 'var(--mark)';
      return html`${line(0, y + step / 2, WIDTH, y + step / 2)}${text(0, y + 4, row.label, { bold: row.clear })}${
          row.interval ? line(x(row.interval[0]), y, x(row.interval[1]), y, 'var(--text)', 1.5) : null
        }<circle
          cx="${at(x(row.difference))}"
          cy="${at(y)}"
          r="4.5"
          fill="${colour}"
        />${text(right + 12, y + 4, `${points(row.difference)}${row.interval ? ` (${interval(row.interval)})` : ''} ${row.note}`, { dim: !row.clear })} `;
    }),
    text(left, bottom + 16, `−${most}`, { anchor: 'middle', dim: true }),
    text(x(0), bottom + 16, '0', { anchor: 'middle', dim: true }),
    text(right, bottom + 16, String(most), { anchor: 'middle', dim: true }),
  ]);
}

/** Photo and map; lengths in pixels of the photo as it is embedded. */
export interface MapDrawing {
  /** `data:` address of the photo; null where it could not be read. */
  readonly photo: string | null;
  readonly width: number;
  readonly height: number;
  /** What the network sees of it. */
  readonly crop: Rectangle;
  readonly rows: number;
  readonly columns: number;
  /** Colour of each cell, row by row, and what the colours say. */
  readonly colours: readonly Rgb[];
  readonly key: readonly (readonly [colour: Rgb, words: string])[];
}

/** The photo, and beside it the same under the map. */
export function mapDrawing(
  { photo, width, height, crop, rows, columns, colours, key }: MapDrawing,
  alternative: string,
): Html {
  const scale = (WIDTH - 16) / 2 / width;
  const [w, h] = [width * scale, height * scale];
  const left = w + 16;
  const cell = {
    width: ((crop.right - crop.left) * scale) / columns,
    height: ((crop.bottom - crop.top) * scale) / rows,
  };
  const picture = (x: number) =>
    photo === null
      ? box(x, 0, w, h, 'var(--track)')
      : html`<image x="${at(x)}" y="0" width="${at(w)}" height="${at(h)}" href="${photo}" /> `;
  return drawing(WIDTH, h + 26, alternative, [
    picture(0),
    picture(left),
    html`<g opacity="0.6"
      >${colours.map((colour, index) =>
        // A little larger than a cell: no seams between them.
        box(
          left + crop.left * scale + (index % columns) * cell.width,
          crop.top * scale + Math.floor(index / columns) * cell.height,
          cell.width + 0.2,
          cell.height + 0.2,
          cssColour(colour),
        ),
      )}</g
    > `,
    key.map(
      ([colour, words], index) =>
        html`${box(left + index * 110, h + 8, 10, 10, cssColour(colour))}${text(left + 15 + index * 110, h + 18, words, { dim: true })}`,
    ),
  ]);
}
