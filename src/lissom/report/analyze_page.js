for (const name of ["d", "l", "x", "h", "g", "w", "t", "q"]) {
  const { runs } = D[name], column = new Int32Array(D.n.length);
  if (runs) { for (let k = 0, at = 0; k < runs.length; at += runs[k + 1], k += 2) column.fill(runs[k], at, at + runs[k + 1]); } else column.set(D[name]);
  D[name] = column;
}
const count = D.n.length, LIVE = 0, LAYERS = D.layers, KIND_HUES = [4, 22, 340, 300, 40, 276, 256, 190, 214, 232, 96, 62];
const kindHue = (kind) => kind < 0 ? "var(--calm)" : kind >= KIND_HUES.length ? "var(--slate)" : `hsl(${KIND_HUES[kind]} var(--kind-s) var(--kind-l))`;
const layerHue = (layer) => LAYERS[layer].base ? "var(--calm)" : hue(layer % HUES.length);
const wasted = (f) => D.w[f] < 0 ? 0 : D.wasted[f] ?? D.s[f];
const directories = D.dn.map(() => "");
for (let d = 1; d < D.dn.length; d++) directories[d] = `${directories[D.dp[d]]}/${D.dn[d]}`;
const pathOf = (f) => `${directories[D.d[f]]}/${D.n[f]}`;
const layerName = (layer) => `${LAYERS[layer].place}: ${LAYERS[layer].text}`;
const HIDDEN_KINDS = 3; // of these the kind says what matters, the detail only how
const what = (f) => D.w[f] >= 0 ? D.w[f] >= HIDDEN_KINDS && D.texts[D.t[f]] || D.kinds[D.w[f]] : D.x[f] === LIVE ? "" : D.fates[D.x[f]];

// The tree of the map: groups (instructions, packages, or none), in each its directories, in those files. A number
// below ``size`` is a directory or a group, the others are files.
const GROUPS = {
  layer: { of: (f) => D.l[f], name: layerName },
  package: { of: (f) => D.g[f], name: (g) => D.packages[g] || "(no package)" },
  directory: null,
};
const WEIGHTS = { all: (f) => D.s[f], live: (f) => D.x[f] === LIVE ? D.s[f] : 0, waste: wasted };
const COUNTS = { all: () => true, live: (f) => D.x[f] === LIVE, waste: (f) => D.w[f] >= 0 };
const grown = {};
function grow(by) {
  if (grown[by]) return grown[by];
  const groups = GROUPS[by], seen = new Map(), width = D.dn.length, node = new Uint32Array(count);
  const up = [-1], dir = [0], group = [-1], inside = [[]], within = [[]];
  const add = (g, d) => {
    if (!groups && d === 0) return 0;
    const key = (g + 1) * width + d, known = seen.get(key);
    if (known !== undefined) return known;
    const above = d === 0 ? 0 : add(g, D.dp[d]), id = up.length;
    up.push(above); dir.push(d); group.push(g); inside.push([]); within.push([]); inside[above].push(id); seen.set(key, id);
    return id;
  };
  for (let f = 0; f < count; f++) { node[f] = add(groups ? groups.of(f) : 0, D.d[f]); within[node[f]].push(f); }
  return grown[by] = { groups, up, dir, group, inside, within, node, size: up.length, sums: {} };
}
// Bytes, files and the heaviest colour of every directory.
function sums(tree, of) {
  if (tree.sums[of]) return tree.sums[of];
  const weigh = WEIGHTS[of], counts = COUNTS[of], weight = new Float64Array(tree.size), number = new Uint32Array(tree.size), waste = new Float64Array(tree.size);
  const most = new Float64Array(tree.size), heaviest = new Int32Array(tree.size).fill(-1);
  for (let f = 0; f < count; f++) {
    const id = tree.node[f], bytes = weigh(f);
    weight[id] += bytes; waste[id] += wasted(f); if (counts(f)) number[id]++;
    if (bytes > most[id]) { most[id] = bytes; heaviest[id] = f; }
  }
  for (let id = tree.size - 1; id > 0; id--) {
    const above = tree.up[id];
    weight[above] += weight[id]; number[above] += number[id]; waste[above] += waste[id];
    if (weight[id] > most[above]) { most[above] = weight[id]; heaviest[above] = heaviest[id]; }
  }
  return tree.sums[of] = { weight, number, waste, heaviest, weigh };
}

const now = { by: "layer", of: "all", hue: "waste" };
let tree = grow(now.by), sum = sums(tree, now.of), root = 0;
const isFile = (i) => i >= tree.size, weightOf = (i) => isFile(i) ? sum.weigh(i - tree.size) : sum.weight[i];
const isGroup = (i) => tree.groups && i > 0 && !isFile(i) && tree.up[i] === 0;
function name(i) {
  if (isFile(i)) return D.n[i - tree.size];
  if (i === 0) return tree.groups ? "image" : "/";
  return isGroup(i) ? tree.groups.name(tree.group[i]) : D.dn[tree.dir[i]];
}
function fullName(i) {
  if (isFile(i)) return pathOf(i - tree.size);
  return i === 0 || isGroup(i) ? name(i) : directories[tree.dir[i]];
}
function inside(i) {
  if (isFile(i)) return [];
  const found = tree.inside[i].filter((id) => sum.weight[id] > 0);
  for (const f of tree.within[i]) if (sum.weigh(f) > 0) found.push(f + tree.size);
  return found.sort((a, b) => weightOf(b) - weightOf(a) || a - b);
}
function paint(i) {
  const f = isFile(i) ? i - tree.size : sum.heaviest[i];
  if (f < 0) return "--fill:var(--calm)";
  if (now.hue === "layer") return `--fill:${layerHue(D.l[f])}`;
  return `--fill:${isFile(i) || sum.waste[i] > 0.5 * sum.weight[i] || now.of === "waste" ? kindHue(D.w[f]) : "var(--calm)"}`;
}
const map = new Treemap("treemap", {
  weight: weightOf, within: inside, name, path: fullName, paint,
  joins: (i) => !isGroup(i), inner: (i) => !isFile(i),
  tell: (i) => { map.mark(i); about(i); },
  enter: (i) => { if (isFile(i)) { i = tree.node[i - tree.size]; } if (i !== root) zoom(i); },
  leave: () => { if (root > 0) { zoom(tree.up[root]); return true; } return false; },
});
function zoom(i) {
  root = i;
  map.draw(root);
  const crumbs = [];
  for (let at = i; at >= 0; at = tree.up[at]) {
    const crumb = element("button", name(at), "path"), here = at;
    crumb.addEventListener("click", () => zoom(here));
    crumbs.unshift(crumb);
    if (at > 0) crumbs.unshift("›");
  }
  $("crumbs").replaceChildren(...crumbs);
  $("size").textContent = `${bytes(sum.weight[i])}, ${files(sum.number[i])}`;
  about(i);
}
function redraw(at = 0) {
  tree = grow(now.by); sum = sums(tree, now.of);
  for (const word of ["by", "of", "hue"]) for (const button of document.querySelectorAll(`[data-${word}]`)) button.setAttribute("aria-pressed", button.dataset[word] === now[word]);
  legend(); zoom(at);
}
for (const word of ["by", "of", "hue"]) {
  for (const button of document.querySelectorAll(`[data-${word}]`)) button.addEventListener("click", () => { now[word] = button.dataset[word]; redraw(); });
}
function legend() {
  const marks = [], mark = (colour, text) => { const one = element("span"), dot = element("i"); dot.style.setProperty("--fill", colour); one.append(dot, text); marks.push(one); };
  if (now.hue === "waste") {
    const sizes = D.kinds.map(() => 0);
    for (let f = 0; f < count; f++) if (D.w[f] >= 0) sizes[D.w[f]] += wasted(f);
    D.kinds.forEach((kind, k) => { if (sizes[k]) mark(kindHue(k), `${kind} ${bytes(sizes[k])}`); });
    mark("var(--calm)", "needed, as far as is known");
  } else {
    LAYERS.forEach((layer, k) => { if (!layer.base && layer.size) mark(layerHue(k), layer.place); });
    if (LAYERS.some((layer) => layer.base)) mark("var(--calm)", "base image");
  }
  $("legend").replaceChildren(...marks);
}
function about(i) {
  if (isFile(i)) { $("about").replaceChildren(...story(i - tree.size)); return; }
  const head = element("p"), more = [];
  head.append(element("span", fullName(i), "path"), element("span", `  ${bytes(sum.weight[i])}`, "mono"));
  if (sum.waste[i]) more.push(`${bytes(sum.waste[i])} of it waste`);
  if (now.by === "layer" && isGroup(i)) more.push(`${bytes(LAYERS[tree.group[i]].live)} alive at the end`);
  $("about").replaceChildren(head, element("p", [files(sum.number[i]), ...more].join(", "), "what"));
}
function story(f) {
  const head = element("p"), lines = element("ol", undefined, "chain"), line = (text) => lines.append(element("li", text));
  head.append(element("span", pathOf(f), "path"), element("span", `  ${bytes(D.s[f])}`, "mono"));
  line(`added by ${layerName(D.l[f])}`);
  if (D.h[f] >= 0) line(`hidden by ${layerName(D.h[f])}: ${D.hows[D.how[f]] || D.fates[D.x[f]]}${D.q[f] ? ` (/${D.texts[D.q[f]]})` : ""}`);
  if (D.w[f] >= 0) line(`waste: ${D.kinds[D.w[f]]}${D.t[f] ? `, ${D.texts[D.t[f]]}` : ""}${wasted(f) < D.s[f] ? `, ${bytes(wasted(f))} of it` : ""}`);
  if (D.same[f]) line(`same content as /${D.same[f]}`);
  if (D.links[f]) line(`another name of /${D.links[f]}, which has the bytes`);
  if (D.secrets[f]) line(`looks like a secret: ${D.secrets[f]}`);
  if (D.g[f]) line(`of ${D.packages[D.g[f]]}`);
  return [head, lines];
}

// The table of files, and what is chosen of them.
const cell = (text, name) => element("span", text, name);
const byText = (text) => (a, b) => text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
const table = new FileTable($("table-head"), $("table"), [
  { name: "num", title: "bytes", cell: (f) => cell(bytes(D.s[f]), "num"), order: (a, b) => D.s[b] - D.s[a] },
  { name: "name", title: "path", cell: (f) => cell(pathOf(f), D.x[f] === LIVE ? "name path" : "name path gone"), order: byText(pathOf) },
  { name: "from", title: "from", cell: (f) => cell(LAYERS[D.l[f]].place, "from"), order: (a, b) => D.l[a] - D.l[b] },
  { name: "what", title: "waste", cell: (f) => { const made = cell(what(f), "what"); if (D.w[f] >= 0) { const dot = element("i", undefined, "dot"); dot.style.setProperty("--fill", kindHue(D.w[f])); made.prepend(dot); } return made; }, order: (a, b) => (D.w[b] >= 0) - (D.w[a] >= 0) || D.w[a] - D.w[b] || D.s[b] - D.s[a] },
  { name: "owner", title: "package", cell: (f) => cell(D.packages[D.g[f]], "owner"), order: byText((f) => D.packages[D.g[f]] || "\uffff") },
], (f) => $("story").replaceChildren(...story(f)));

const choices = {
  fate: (value) => (f) => (D.x[f] === LIVE) === (value === "live"),
  kind: (value) => value === "any" ? (f) => D.w[f] >= 0 : (f) => D.w[f] === +value,
  layer: (value) => (f) => D.l[f] === +value,
  package: (value) => (f) => D.g[f] === +value,
};
function option(value, text) {
  const made = element("option", text);
  made.value = value;
  return made;
}
function fill(name, options) {
  $(`only-${name}`).replaceChildren(...options.map(([value, text]) => option(value, text)));
  $(`only-${name}`).addEventListener("change", search);
}
const used = new Set(D.w);
fill("fate", [["", "alive or hidden"], ["live", "alive"], ["gone", "hidden"]]);
fill("kind", [["", "waste or needed"], ["any", "waste of any kind"], ...D.kinds.map((kind, k) => [k, kind]).filter(([k]) => used.has(k)), [-1, "needed"]]);
fill("layer", [["", "any instruction"], ...LAYERS.map((_, k) => [k, layerName(k).slice(0, 60)])]);
const MOST_CHOICES = 2000; // an image has hundreds of packages; a list of very many would take long to make
fill("package", [["", "any package"], ...D.packages.slice(0, MOST_CHOICES).map((owner, g) => [g, owner || "(no package)"]).sort((a, b) => a[1] < b[1] ? -1 : 1)]);
let names = null;
function search() {
  const asked = tests($("search").value), wanted = [];
  for (const [name, test] of Object.entries(choices)) if ($(`only-${name}`).value !== "") wanted.push(test($(`only-${name}`).value));
  if (asked.length && !names) { names = new Array(count); for (let f = 0; f < count; f++) names[f] = pathOf(f).toLowerCase(); }
  const rows = [];
  let total = 0;
  for (let f = 0; f < count; f++) {
    if (wanted.every((test) => test(f)) && asked.every((test) => test(names[f]))) { rows.push(f); total += D.s[f]; }
  }
  $("count").textContent = rows.length ? `${files(rows.length)}, ${bytes(total)}` : "No file is like that.";
  $("story").replaceChildren(element("p", "Arrow keys walk the table; / searches: several words must all be in a path, * stands for anything.", "what"));
  table.show(rows);
}
function choose(values) {
  for (const name of Object.keys(choices)) $(`only-${name}`).value = values[name] ?? "";
  if (values.package !== undefined && $("only-package").value === "") {
    $("only-package").append(option(values.package, D.packages[values.package]));
    $("only-package").value = values.package;
  }
  $("search").value = "";
  search();
  $("files").scrollIntoView({ block: "start" });
}
$("search").addEventListener("input", later(120, () => { search(); if ($("search").value) $("files").scrollIntoView({ block: "start" }); }));
$("clear").addEventListener("click", () => choose({}));
for (const button of document.querySelectorAll("[data-layer]")) {
  button.addEventListener("click", () => {
    now.by = "layer"; now.of = "all"; redraw();
    const layer = +button.dataset.layer, at = tree.group.findIndex((g, i) => g === layer && tree.up[i] === 0);
    if (at > 0) zoom(at);
    choose({ layer });
  });
}
for (const button of document.querySelectorAll("[data-waste]")) button.addEventListener("click", () => choose({ kind: button.dataset.waste, layer: button.dataset.in }));
for (const button of document.querySelectorAll("[data-package]")) button.addEventListener("click", () => choose({ package: D.packages.indexOf(button.dataset.package) }));
for (const mark of document.querySelectorAll("[data-kind]")) mark.style.setProperty("--fill", mark.dataset.kind === "" ? "var(--accent)" : kindHue(+mark.dataset.kind));
addEventListener("resize", later(150, () => { zoom(root); table.draw(); }));
legend(); zoom(0); search();
document.documentElement.dataset.ready = Math.round(performance.now());
