// Squarified treemap (Bruls, Huizing, van Wijk): rows of rectangles as near to squares as they get.
function squarify(items, weight, x, y, w, h) {
  const placed = [];
  let left = items.reduce((sum, item) => sum + weight(item), 0), at = 0;
  while (at < items.length && w > 0.5 && h > 0.5) {
    const side = Math.min(w, h), scale = (w * h) / left;
    let row = 0, end = at, worst = Infinity;
    while (end < items.length) {
      const sum = row + weight(items[end]), area = sum * scale;
      const ratio = Math.max((side * side * weight(items[at]) * scale) / (area * area), (area * area) / (side * side * weight(items[end]) * scale));
      if (ratio > worst) break;
      worst = ratio; row = sum; end++;
    }
    const depth = (row * scale) / side;
    let along = 0;
    for (let k = at; k < end; k++) {
      const length = (weight(items[k]) / row) * side;
      placed.push(w >= h ? [items[k], x, y + along, depth, length] : [items[k], x + along, y, length, depth]);
      along += length;
    }
    if (w >= h) { x += depth; w -= depth; } else { y += depth; h -= depth; }
    left -= row; at = end;
  }
  return placed;
}

// A map of a tree. The model says of item i: weight(i), within(i) (what is in it, heaviest first), name(i), path(i),
// inner(i) (whether anything can be in it), paint(i) (style), and what happens: tell(i), enter(i), leave().
class Treemap {
  static SPOTS = 1100;
  constructor(id, model) {
    this.box = $(id); this.model = model; this.spots = [];
    this.box.addEventListener("mouseover", (event) => this.tell(event.target));
    this.box.addEventListener("focusin", (event) => this.tell(event.target));
    this.box.addEventListener("click", (event) => this.open(event.target));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }
  draw(root) {
    this.box.textContent = "";
    const page = document.createDocumentFragment(), weight = (i) => this.model.weight(i);
    // Level by level: where there are too many files to draw, all directories end equally deep.
    const queue = weight(root) > 0 ? [[page, root, 0, 0, this.box.clientWidth, this.box.clientHeight, 0]] : [];
    for (let at = 0, room = Treemap.SPOTS; at < queue.length && room > 0; at++) {
      const [parent, i, x, y, w, h, depth] = queue[at];
      for (const [item, left, top, width, height] of squarify(this.model.within(i), weight, x, y, w, h)) {
        if (width < 2 || height < 2) continue;
        room--;
        const inside = this.spot(parent, item, left, top, width, height, depth);
        if (inside) queue.push(inside);
      }
      if (depth > 0) { parent.className = "dir"; parent.style.setProperty("--head", "hsl(50 8% var(--head-l))"); }
    }
    this.box.append(page);
    this.spots = [...this.box.querySelectorAll("div")];
    if (this.spots[0]) this.spots[0].tabIndex = 0;
  }
  spot(parent, i, x, y, w, h, depth) {
    const model = this.model;
    let label = model.name(i), only;
    // A directory that holds one directory only is told with it.
    while ((only = model.within(i)).length === 1 && model.inner(only[0]) && model.joins(i)) { i = only[0]; label += "/" + model.name(i); }
    const spot = element("div", undefined, "leaf");
    spot.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px;${model.paint(i)}`;
    spot.dataset.i = i; spot.tabIndex = -1; spot.setAttribute("role", "button");
    spot.setAttribute("aria-label", `${model.path(i)}, ${bytes(model.weight(i))}`);
    if (w > 30 && h > 15) {
      const name = element("span", label);
      if (w > 110) name.append(element("b", " " + bytes(model.weight(i))));
      spot.append(name);
    }
    parent.append(spot);
    const roomy = only.length > 0 && w > 34 && h > 30 && w * h > 1800;
    return roomy ? [spot, i, 1, 15, w - 4, h - 18, depth + 1] : null;
  }
  mark(i) { for (const spot of this.spots) spot.classList.toggle("on", +spot.dataset.i === i); }
  tell(target) {
    const spot = target.closest("[data-i]");
    if (spot) this.model.tell(+spot.dataset.i);
  }
  open(target) {
    const spot = target.closest("[data-i]");
    if (spot) this.model.enter(+spot.dataset.i);
  }
  key(event) {
    const at = this.spots.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) {
      const next = this.spots[(at + step + this.spots.length) % this.spots.length];
      this.spots[at].tabIndex = -1; next.tabIndex = 0; next.focus();
    } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
      this.open(this.spots[at]); this.spots[0]?.focus();
    } else if ((event.key === "Escape" || event.key === "Backspace") && this.model.leave()) {
      this.spots[0]?.focus();
    } else return;
    event.preventDefault();
  }
}
