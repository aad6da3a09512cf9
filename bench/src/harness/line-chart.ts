export interface Line {
  name: string;
  points: { x: number; y: number }[];
}

const size = { width: 720, height: 400 };
const plot = { left: 60, right: 570, top: 50, bottom: 350 };
/** Distinct without colour vision too: Okabe and Ito's. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"];

/** A chart as SVG text; both axes begin at zero. */
export function lineChart({ title, lines }: { title: string; lines: readonly Line[] }): string {
  const all = lines.flatMap(({ points }) => points);
  const maxX = niceCeiling(Math.max(...all.map(({ x }) => x)));
  const maxY = niceCeiling(Math.max(...all.map(({ y }) => y)));
  const place = ({ x, y }: { x: number; y: number }) => ({
    x: plot.left + (x / maxX) * (plot.right - plot.left),
    y: plot.bottom - (y / maxY) * (plot.bottom - plot.top),
  });
  const parts = [
    text({ x: plot.left, y: 28 }, title, 'font-size="15" font-weight="bold"'),
    ...axes({ maxX, maxY }, place),
    ...lines.flatMap((line, index) => drawLine(line, { place, colour: colours[index % colours.length] ?? "#000" })),
  ];
  const { width, height } = size;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`;
  return `${[open, `<rect width="${width}" height="${height}" fill="#fff"/>`, ...parts, "</svg>"].join("\n")}\n`;
}

type Place = (point: { x: number; y: number }) => { x: number; y: number };

function axes({ maxX, maxY }: { maxX: number; maxY: number }, place: Place): string[] {
  const steps = [0, 0.25, 0.5, 0.75, 1];
  return steps.flatMap((step) => {
    const level = place({ x: 0, y: step * maxY }).y;
    const column = place({ x: step * maxX, y: 0 }).x;
    const label = (value: number) => Number(value.toPrecision(3)).toLocaleString("en");
    return [
      `<line x1="${plot.left}" x2="${plot.right}" y1="${level}" y2="${level}" stroke="#ddd"/>`,
      text({ x: plot.left - 8, y: level + 4 }, label(step * maxY), 'text-anchor="end"'),
      text({ x: column, y: plot.bottom + 18 }, label(step * maxX), 'text-anchor="middle"'),
    ];
  });
}

function drawLine({ name, points }: Line, { place, colour }: { place: Place; colour: string }): string[] {
  const placed = points.map(place);
  const last = placed.at(-1);
  if (!last) return [];
  const path = placed.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...placed.map(({ x, y }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${colour}"/>`),
    text({ x: last.x + 10, y: last.y + 4 }, name, `fill="${colour}"`),
  ];
}

const text = ({ x, y }: { x: number; y: number }, words: string, attributes: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`;

const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** The next round number: 1, 2, 2.5 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10;
  return factor * power;
}
