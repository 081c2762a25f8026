"use strict";
(() => {
  const D = JSON.parse(document.getElementById("data").textContent);
  const total = D.n.length, DIRECTORY = D.kinds.indexOf("directory"), PALETTE = 10, SPOTS = 1100;
  const WORDS = D.words, HUES = [160, 212, 34, 278, 346, 92, 188, 18, 244, 312];
  const $ = (id) => document.getElementById(id);

  // Sums over directories: bytes before and after, bytes of before that stay, files before and after.
  const before = Float64Array.from(D.b), after = Float64Array.from(D.a);
  const stay = new Float64Array(total), was = new Uint32Array(total), is = new Uint32Array(total);
  const children = new Array(total), biggest = new Int32Array(total).fill(-1), most = new Float64Array(total).fill(-1);
  for (let i = total - 1; i >= 0; i--) {
    const kept = D.r[i] >= 0;
    if (D.k[i] !== DIRECTORY) {
      if (kept) { stay[i] = D.b[i]; is[i] = 1; }
      if (!kept || D.b[i] > 0 || D.a[i] === 0) was[i] = 1;
      biggest[i] = D.r[i];
    }
    if (i === 0) break;
    const p = D.p[i];
    before[p] += before[i]; after[p] += after[i]; stay[p] += stay[i]; was[p] += was[i]; is[p] += is[i];
    (children[p] ||= []).push(i);
    if (after[i] > most[p] && biggest[i] >= 0) { most[p] = after[i]; biggest[p] = biggest[i]; }
  }
  const lost = (i) => i > 0 && D.r[i] < 0 && is[i] === 0;

  const path = (i) => { const parts = []; for (; i > 0; i = D.p[i]) parts.push(D.n[i]); return "/" + parts.reverse().join("/"); };
  const bytes = (count) => {
    const units = ["B", "kB", "MB", "GB", "TB"]; let unit = 0;
    while (count >= 999.5 && unit < 4) { count /= 1000; unit++; }
    return `${+count.toPrecision(3)} ${units[unit]}`;
  };
  const files = (count) => `${count.toLocaleString("en")} ${count === 1 ? "file" : "files"}`;
  const element = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const hue = (reason) => reason >= 0 && reason < PALETTE
    ? `hsl(${HUES[reason]} var(--fill-s) var(--fill-l))` : "hsl(55 20% var(--fill-l))";
  const because = (i) => D.w[i] >= 0 ? path(D.w[i]) : D.texts[-1 - D.w[i]];
  const reason = (i) => D.reasons[D.r[i]].name;

  // Squarified treemap (Bruls, Huizing, van Wijk): rows of rectangles as near to squares as they get.
  function squarify(items, weight, x, y, w, h) {
    const placed = [];
    let left = items.reduce((sum, item) => sum + weight[item], 0), at = 0;
    while (at < items.length && w > 0.5 && h > 0.5) {
      const side = Math.min(w, h), scale = (w * h) / left;
      let row = 0, end = at, worst = Infinity;
      while (end < items.length) {
        const sum = row + weight[items[end]], area = sum * scale;
        const ratio = Math.max((side * side * weight[items[at]] * scale) / (area * area), (area * area) / (side * side * weight[items[end]] * scale));
        if (ratio > worst) break;
        worst = ratio; row = sum; end++;
      }
      const depth = (row * scale) / side;
      let along = 0;
      for (let k = at; k < end; k++) {
        const length = (weight[items[k]] / row) * side;
        placed.push(w >= h ? [items[k], x, y + along, depth, length] : [items[k], x + along, y, length, depth]);
        along += length;
      }
      if (w >= h) { x += depth; w -= depth; } else { y += depth; h -= depth; }
      left -= row; at = end;
    }
    return placed;
  }

  class Map_ {
    constructor(id, weight, old) {
      this.box = $(id); this.weight = weight; this.old = old; this.spots = [];
      this.box.addEventListener("mouseover", (event) => this.tell(event.target));
      this.box.addEventListener("focusin", (event) => this.tell(event.target));
      this.box.addEventListener("click", (event) => this.open(event.target));
      this.box.addEventListener("keydown", (event) => this.key(event));
    }
    draw(root) {
      this.box.textContent = "";
      const page = document.createDocumentFragment();
      // Level by level: where there are too many files to draw, all directories end equally deep.
      const queue = this.weight[root] > 0 ? [[page, root, 0, 0, this.box.clientWidth, this.box.clientHeight, 0]] : [];
      for (let at = 0, room = SPOTS; at < queue.length && room > 0; at++) {
        const [parent, i, x, y, w, h, depth] = queue[at];
        for (const [item, left, top, width, height] of squarify(this.within(i), this.weight, x, y, w, h)) {
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
    within(i) {
      return (children[i] || []).filter((child) => this.weight[child] > 0).sort((a, b) => this.weight[b] - this.weight[a]);
    }
    spot(parent, i, x, y, w, h, depth) {
      let label = D.n[i], only;
      // A directory that holds one directory only is told with it.
      while ((only = this.within(i)).length === 1 && D.k[only[0]] === DIRECTORY) { i = only[0]; label += "/" + D.n[i]; }
      const spot = element("div", undefined, "leaf");
      spot.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px;${this.colour(i)}`;
      spot.dataset.i = i; spot.tabIndex = -1; spot.setAttribute("role", "button");
      spot.setAttribute("aria-label", `${path(i)}, ${bytes(this.weight[i])}`);
      if (w > 30 && h > 15) {
        const name = element("span", label);
        if (w > 110) name.append(element("b", " " + bytes(this.weight[i])));
        spot.append(name);
      }
      parent.append(spot);
      const roomy = only.length > 0 && w > 34 && h > 30 && w * h > 1800;
      return roomy ? [spot, i, 1, 15, w - 4, h - 18, depth + 1] : null;
    }
    colour(i) {
      const share = this.old && before[i] > 0 ? stay[i] / before[i] : 1;
      if (share < 0.02) return "--fill:var(--gone);color:var(--gone-ink)";
      const colour = hue(biggest[i]);
      return `--fill:${share > 0.9 ? colour : `color-mix(in srgb, ${colour} ${Math.round(share * 70 + 20)}%, var(--gone))`}`;
    }
    tell(target) {
      const spot = target.closest("[data-i]");
      if (!spot) return;
      const i = +spot.dataset.i;
      for (const map of maps) for (const other of map.spots) other.classList.toggle("on", +other.dataset.i === i);
      about(i);
    }
    open(target) {
      const spot = target.closest("[data-i]");
      if (!spot) return;
      let i = +spot.dataset.i;
      if (D.k[i] !== DIRECTORY) i = D.p[i];
      if (i !== root && (children[i] || []).length) zoom(i);
    }
    key(event) {
      const at = this.spots.indexOf(document.activeElement);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step && at >= 0) {
        const next = this.spots[(at + step + this.spots.length) % this.spots.length];
        this.spots[at].tabIndex = -1; next.tabIndex = 0; next.focus();
      } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
        this.open(this.spots[at]); this.spots[0]?.focus();
      } else if ((event.key === "Escape" || event.key === "Backspace") && root > 0) {
        zoom(D.p[root]); this.spots[0]?.focus();
      } else return;
      event.preventDefault();
    }
  }

  let root = 0;
  const maps = [new Map_("map-before", before, true), new Map_("map-after", after, false)];
  function zoom(i) {
    root = i;
    for (const map of maps) map.draw(root);
    const crumbs = [];
    for (let at = i; ; at = D.p[at]) {
      const crumb = element("button", at ? D.n[at] : "/", "path");
      crumb.addEventListener("click", () => zoom(at));
      crumbs.unshift(crumb);
      if (!at) break;
      if (D.p[at]) crumbs.unshift("/");
    }
    $("crumbs").replaceChildren(...crumbs);
    $("size-before").textContent = bytes(before[i]); $("size-after").textContent = bytes(after[i]);
    about(i);
  }
  function toScale(on) {
    const side = on && before[0] > 0 ? Math.min(1, Math.sqrt(after[0] / before[0])) * 100 : 100;
    Object.assign($("map-after").style, { right: "auto", bottom: "auto", width: `${side}%`, height: `${side}%` });
    maps[1].draw(root);
  }

  function about(i) {
    const box = $("about");
    box.textContent = "";
    const head = element("p");
    head.append(element("span", path(i), "path"), element("span", `  ${bytes(before[i])} → ${bytes(after[i])}`, "mono"));
    box.append(head);
    if (D.k[i] === DIRECTORY) {
      box.append(element("p", `${files(was[i])} ${WORDS.before}, ${files(is[i])} ${WORDS.after}` + (biggest[i] >= 0 && is[i] ? `, most bytes as “${D.reasons[biggest[i]].name}”` : ""), "what"));
    } else box.append(...explained(i));
  }
  function explained(i) {
    const owner = D.packages[D.g[i]];
    const kind = D.kinds[D.k[i]] === "file" ? "" : ` (${D.kinds[D.k[i]]})`;
    if (D.r[i] < 0) {
      return [element("p", `${WORDS.gone}${kind}: ${because(i) || WORDS.unasked}.` + (owner ? ` It came with ${owner}.` : ""), "what")];
    }
    const chain = element("ol", undefined, "chain"), seen = new Set();
    for (let at = i; at >= 0 && !seen.has(at) && seen.size < 20; at = D.w[at]) {
      seen.add(at);
      const rule = D.reasons[D.r[at]], line = element("li", because(at) ? `${rule.name}: ` : rule.name);
      if (because(at)) line.append(element("span", because(at), "path"));
      if (rule.says) line.append(element("span", "  " + rule.says, "what"));
      chain.append(line);
    }
    return [element("p", `${WORDS.stays}${kind}` + (owner ? `, of ${owner}` : "") + (D.b[i] > D.a[i] ? `, made smaller` : "") + ".", "what"), chain];
  }

  function row(i) {
    const line = element("li"), name = element("button", path(i), D.r[i] < 0 ? "path gone" : "path");
    const cause = D.r[i] < 0 ? because(i) || D.packages[D.g[i]] : `${reason(i)}${because(i) ? " ← " + because(i) : ""}`;
    line.append(element("span", bytes(D.r[i] < 0 ? D.b[i] : D.a[i]), "num"), name, element("span", cause, "why"));
    name.addEventListener("click", () => {
      const open = line.nextElementSibling;
      if (open?.classList.contains("chainbox")) { open.remove(); return; }
      const box = element("li", undefined, "chainbox"), inner = element("div");
      inner.append(...explained(i)); box.append(element("span", "", "num"), inner); line.after(box);
    });
    return line;
  }
  function list(box, numbers, limit) {
    box.replaceChildren(...numbers.slice(0, limit).map(row));
    if (numbers.length > limit) {
      const more = element("button", `${(numbers.length - limit).toLocaleString("en")} more`);
      more.addEventListener("click", () => list(box, numbers, limit * 10));
      box.append(more);
    }
  }
  const weightOf = (i) => D.r[i] < 0 ? D.b[i] : D.a[i];
  const heaviest = (numbers) => numbers.sort((a, b) => weightOf(b) - weightOf(a) || a - b);
  document.addEventListener("toggle", (event) => {
    const group = event.target;
    if (!group.open || !group.dataset.column || group.querySelector(".rows")) return;
    const column = D[group.dataset.column], wanted = +group.dataset.value, gone = group.dataset.column === "g";
    const numbers = [];
    for (let i = 1; i < total; i++) {
      if (column[i] === wanted && D.k[i] !== DIRECTORY && (!gone || D.r[i] < 0)) numbers.push(i);
    }
    const box = element("ul", undefined, "rows");
    list(box, heaviest(numbers), 60);
    group.append(box);
  }, true);

  // Search: words, all of which a path must hold; * and ? match as in a shell.
  let names = null, shown = "all";
  function search() {
    const words = $("search").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    $("found").textContent = "";
    if (!words.length && shown === "all") { $("count").textContent = "Type a part of a path; several words must all be in it, * stands for anything."; return; }
    if (!names) { names = new Array(total); names[0] = ""; for (let i = 1; i < total; i++) names[i] = `${names[D.p[i]]}/${D.n[i].toLowerCase()}`; }
    const tests = words.map((word) => {
      if (!/[*?]/.test(word)) return (name) => name.includes(word);
      const pattern = new RegExp(word.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, "."));
      return (name) => pattern.test(name);
    });
    const numbers = [];
    let sum = 0;
    for (let i = 1; i < total; i++) {
      if (D.k[i] === DIRECTORY || (shown === "kept") === (D.r[i] < 0) && shown !== "all") continue;
      if (tests.every((test) => test(names[i]))) { numbers.push(i); sum += weightOf(i); }
    }
    $("count").textContent = numbers.length ? `${files(numbers.length)}, ${bytes(sum)}` : "No path is like that.";
    list($("found"), heaviest(numbers), 100);
  }
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { search(); if ($("search").value) $("paths").scrollIntoView({ block: "start" }); }, 120); });
  for (const button of document.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => {
      shown = button.dataset.show;
      for (const other of document.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", other === button);
      search();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); $("search").focus(); }
  });
  for (const mark of document.querySelectorAll("[data-reason]")) mark.style.setProperty("--fill", hue(+mark.dataset.reason));
  $("scale").addEventListener("click", () => {
    const on = $("scale").getAttribute("aria-pressed") !== "true";
    $("scale").setAttribute("aria-pressed", on); toScale(on);
  });
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(() => zoom(root), 150); });
  search(); zoom(0);
})();
