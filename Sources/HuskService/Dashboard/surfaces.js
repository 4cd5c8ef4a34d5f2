// What a chart is painted on: a canvas, or an SVG document of the same picture. Both draw lines, paths and text.

export class CanvasSurface {
  #context;

  /** @param scale device pixels for each of ours. */
  constructor(canvas, width, height, scale) {
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
    this.#context = canvas.getContext('2d');
    this.#context.setTransform(scale, 0, 0, scale, 0, 0);
    this.#context.font = '12px system-ui, sans-serif';
    this.#context.textBaseline = 'middle';
  }

  fill(x, y, width, height, colour) {
    this.#context.fillStyle = colour;
    this.#context.fillRect(x, y, width, height);
  }

  /** A line through points, `[x, y, x, y, …]`; NaN parts it. */
  path(points, colour, { width = 1, dash = [] } = {}) {
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    let isDown = false;
    for (let at = 0; at < points.length; at += 2) {
      if (Number.isNaN(points[at + 1])) isDown = false;
      else if (isDown) context.lineTo(points[at], points[at + 1]);
      else { context.moveTo(points[at], points[at + 1]); isDown = true; }
    }
    context.stroke();
  }

  /** @param anchor start, middle or end. */
  text(x, y, words, colour, anchor = 'start') {
    this.#context.fillStyle = colour;
    this.#context.textAlign = anchor === 'middle' ? 'center' : anchor;
    this.#context.fillText(words, x, y);
  }

  widthOf(words) { return this.#context.measureText(words).width; }

  /** Keeps what `draw` draws within a rectangle. */
  within(x, y, width, height, draw) {
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(x, y, width, height);
    this.#context.clip();
    draw();
    this.#context.restore();
  }
}

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

export class SVGSurface {
  #parts = [];
  #clips = 0;

  fill(x, y, width, height, colour) {
    this.#parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour}"/>`);
  }

  path(points, colour, { width = 1, dash = [] } = {}) {
    let commands = '', isDown = false;
    for (let at = 0; at < points.length; at += 2) {
      if (Number.isNaN(points[at + 1])) { isDown = false; continue; }
      commands += `${isDown ? 'L' : 'M'}${points[at].toFixed(1)} ${points[at + 1].toFixed(1)}`;
      isDown = true;
    }
    const dashes = dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    this.#parts.push(`<path d="${commands}" fill="none" stroke="${colour}" stroke-width="${width}"${dashes}/>`);
  }

  text(x, y, words, colour, anchor = 'start') {
    this.#parts.push(`<text x="${x.toFixed(1)}" y="${y}" fill="${colour}" text-anchor="${anchor}" dominant-baseline="middle">${escaped(words)}</text>`);
  }

  widthOf(words) { return words.length * 7; }

  within(x, y, width, height, draw) {
    const name = `clip${this.#clips += 1}`;
    this.#parts.push(`<clipPath id="${name}"><rect x="${x}" y="${y}" width="${width}" height="${height}"/></clipPath><g clip-path="url(#${name})">`);
    draw();
    this.#parts.push('</g>');
  }

  /** What `draw` draws, moved down. */
  below(y, draw) {
    this.#parts.push(`<g transform="translate(0 ${y})">`);
    draw();
    this.#parts.push('</g>');
  }

  document(width, height) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">\n${this.#parts.join('\n')}\n</svg>\n`;
  }
}
