// Charts out of what the page says in its data attributes. Without this script the same figures stand in the table below.
"use strict";

const drawn = new Map();  // element → chart

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const numbers = (text) => text.split(" ").map(Number);
const written = (value) => Math.abs(value) >= 1e9 ? `${+(value / 1e9).toFixed(1)}G` : Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e4 ? `${+(value / 1e3).toFixed(1)}k` : `${value}`;
const shortDay = (seconds) => new Date(seconds * 1000).toISOString().slice(5, 10).split("-").reverse().join(".");

function draw(element) {
  const { days, bars, line, unit, barsName, lineName } = element.dataset;
  const width = element.clientWidth;
  if (!width) return;
  drawn.get(element)?.destroy();
  const scale = (text) => numbers(text).map((value) => value / Number(unit));
  const data = [days.split(" ").map((day) => Date.parse(day) / 1000), scale(bars)];
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const series = [{}, { label: barsName, fill: colour("--accent"), stroke: colour("--accent"), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.65, 36], radius: 0.2 }) }];
  if (line) {
    data.push(scale(line));
    series[1].fill = colour("--pale");
    series.push({ label: lineName, stroke: colour("--accent"), width: 2, points: { size: 6, fill: colour("--accent") } });
  }
  const half = 43200;
  drawn.set(element, new uPlot({
    width, height: 210, tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
    cursor: { show: false }, legend: { show: Boolean(line), live: false }, series,
    scales: { x: { range: (_, low, high) => [low - half, high + half] }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 30, space: 52, incrs: [1, 2, 3, 7, 14, 28].map((day) => day * 86400), values: (_, ticks) => ticks.map(shortDay) },
      { ...axis, size: 52, space: 40, incrs: [1, 2, 5, 10, 20, 50].concat([...Array(13).keys()].flatMap((n) => [1, 2, 5].map((step) => step * 10 ** (n + 2)))), values: (_, ticks) => ticks.map(written) },
    ],
  }, data, element));
}

function drawAll() {
  if (!globalThis.uPlot) {  // it wants a language tag that Intl knows, and a browser under LANG=C has none
    document.querySelectorAll(".chart").forEach((element) => { element.closest(".sheet").hidden = true; });
    document.querySelectorAll("details.days").forEach((element) => { element.open = true; });
    return;
  }
  for (const element of drawn.keys()) if (!element.isConnected) { drawn.get(element).destroy(); drawn.delete(element); }
  document.querySelectorAll(".chart").forEach(draw);
}

let asked;
addEventListener("resize", () => { cancelAnimationFrame(asked); asked = requestAnimationFrame(drawAll); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
document.addEventListener("htmx:afterSettle", drawAll);
document.addEventListener("DOMContentLoaded", drawAll);
