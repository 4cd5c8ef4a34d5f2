// What a pointer over a chart tells: the value of each line at that moment. The page says all without it.
//
// Values are read off the drawn lines, so there is one copy of the data. No character that XML would want escaped.

enum Script {
    static let text = #"""
        for (const chart of document.querySelectorAll("figure > .chart")) {
          const [left, top, width, height] = chart.dataset.plot.split(" ").map(Number);
          const lines = [...chart.querySelectorAll(".run")].map(run => ({
            name: run.dataset.name,
            points: run.querySelector("polyline").getAttribute("points").split(" ").map(point => point.split(",").map(Number)),
          }));
          const readout = chart.parentNode.querySelector(".readout");
          const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
          cursor.setAttribute("class", "cursor");
          const said = number => number.toLocaleString("en", {maximumFractionDigits: chart.dataset.unit ? 1 : 0});
          const show = event => {
            const box = chart.getBoundingClientRect();
            const scale = chart.viewBox.baseVal.width / box.width;
            const x = Math.min(left + width, Math.max(left, (event.clientX - box.left) * scale));
            cursor.setAttribute("d", `M${x} ${top}v${height}`);
            chart.append(cursor);
            const seconds = (x - left) / width * chart.dataset.end;
            const items = lines.map(line => {
              const last = line.points.at(-1);
              const after = line.points.findIndex(point => point[0] >= x);
              const right = after === -1 ? last : line.points[after];
              const before = line.points[Math.max(0, after === -1 ? line.points.length - 1 : after - 1)];
              const run = right[0] - before[0];
              const y = run > 0 ? before[1] + (right[1] - before[1]) * (x - before[0]) / run : right[1];
              return x > last[0] + 1 ? `${line.name}: ended`
                : `${line.name}: ${said((top + height - y) / height * chart.dataset.top)} ${chart.dataset.unit}`;
            });
            readout.replaceChildren(...[`${seconds.toFixed(2)} s`, ...items].map(text => {
              const item = document.createElement("li");
              item.textContent = text;
              return item;
            }));
          };
          chart.addEventListener("pointermove", show);
          chart.addEventListener("pointerdown", show);
          chart.addEventListener("pointerleave", () => { cursor.remove(); readout.replaceChildren(); });
        }

        """#
}
