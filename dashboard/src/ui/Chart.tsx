import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { axisTime, bytes, compact, dateTime } from "../text/format";
import { language, t } from "../text";
import { theme } from "../theme";

export type Line = {
  label: string;
  /** One for each time; null where there is none. */
  values: readonly (number | null)[];
};

/** Steps of a scale of bytes: 1, 2, 4, and so on. */
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** Values over time. Up to five lines; what they are now, or where the pointer is, stands above them. */
export function Chart({
  label,
  times,
  lines,
  format = compact,
  height = 180,
  min = 0,
}: {
  /** What it shows, for who cannot see it. */
  label: string;
  /** Seconds since 1970, ascending. */
  times: readonly number[];
  lines: readonly Line[];
  format?: (value: number) => string;
  height?: number;
  /** Where the scale begins; null: at what is there. */
  min?: number | null;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const shown = useRef({ format });
  shown.current = { format };

  useEffect(() => {
    const element = place.current!;
    const colour = (name: string) => {
      element.style.color = `var(${name})`;
      const found = getComputedStyle(element).color;
      element.style.color = "";
      return found;
    };
    const grid = { stroke: colour("--line"), width: 1 };
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const made = new uPlot(
      {
        width: Math.max(100, element.clientWidth),
        height,
        legend: { show: false },
        cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
        scales: {
          x: { time: true },
          y: {
            range: (_, low, high) => {
              const from = min ?? low;
              // A line at nothing is drawn at the bottom, not in the middle.
              return high <= from ? [from, from + 1] : [from, high + (high - from) * 0.08];
            },
          },
        },
        axes: [
          {
            stroke: colour("--text-2"),
            grid: { show: false },
            ticks: { show: false },
            font,
            size: 26,
            values: (_, splits, __, ___, step) => splits.map((at) => axisTime(at, step)),
            space: 80,
          },
          {
            stroke: colour("--text-2"),
            grid,
            ticks: { show: false },
            font,
            size: 62,
            space: 36,
            ...(format === bytes ? { incrs: BYTE_STEPS } : {}),
            values: (_, splits) => splits.map((value) => shown.current.format(value)),
          },
        ],
        series: [
          {},
          ...lines.map((line, index) => ({
            label: line.label,
            stroke: colour(`--chart-${(index % 5) + 1}`),
            width: 2,
            points: { show: false },
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [(u) => setPointed(u.cursor.idx ?? null)] },
      },
      data(times, lines),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) {
        made.setSize({ width: element.clientWidth, height });
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // What is drawn with: another of these makes another chart; values alone do not.
  }, [lines.map((line) => line.label).join("\n"), height, min, theme.value, language.value]);

  useEffect(() => {
    plot.current?.setData(data(times, lines));
  }, [times, lines]);

  const at = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  return (
    <div class="chart" role="img" aria-label={`${label}. ${summary(lines, format)}`}>
      <div class="chart-legend" aria-hidden="true">
        {lines.map((line, index) => {
          const value = line.values[at];
          return (
            <span class="chart-key">
              <span class={`chart-swatch c${(index % 5) + 1}`} />
              {line.label}
              <strong>{value === null || value === undefined ? "–" : format(value)}</strong>
            </span>
          );
        })}
        {pointed !== null && times[at] !== undefined && <span class="row-end">{dateTime(times[at] * 1_000)}</span>}
      </div>
      <div class="chart-plot" ref={place} style={{ height: `${height}px` }} />
    </div>
  );
}

function data(times: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  return [times as number[], ...lines.map((line) => line.values as (number | null)[])];
}

function summary(lines: readonly Line[], format: (value: number) => string): string {
  return lines
    .map((line) => {
      const known = line.values.filter((value) => value !== null);
      if (known.length === 0) {
        return `${line.label}: –`;
      }
      let least = known[0]!;
      let most = known[0]!;
      for (const value of known) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      return t().common.chartSummary(line.label, format(known.at(-1)!), format(least), format(most));
    })
    .join("; ");
}
